"""Figures on public sets and of speed; see `evals/README.md` for the commands."""
