"""Who answers: the distributor.

The core (`model events commands transitions matching engine invariants ledger`) decides and imports nothing but the
standard library. The shell (`distributor switchboard hold agents status_api`) observes Asterisk, holds callers in their
AGI requests and rings agents.
"""
