"""Who answers: the distributor.

The core decides and imports nothing but the standard library: `engine` is its door, ARCHITECTURE.md lists the rest. The
shell (`distributor switchboard hold agents status_api`) observes Asterisk, holds callers in their AGI requests and
rings agents.
"""
