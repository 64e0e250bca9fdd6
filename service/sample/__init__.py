"""The sample community that ships with the package: rules, FAQ and four weeks of messages."""
