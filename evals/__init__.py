"""How good are we: runs the production engines over golden cases and judges what they say."""
