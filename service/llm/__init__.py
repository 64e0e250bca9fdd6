"""Chat models through langchain, with retries, a circuit breaker and an audit row per try."""
