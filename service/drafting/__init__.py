"""Engine: freezes what a draft rests on, writes it with a model or from phrases, checks it.

No database, web, settings or network in here.
"""
