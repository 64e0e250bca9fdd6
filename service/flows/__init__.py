"""One use case each. Flows never import each other: one hands on by a fact and a job."""
