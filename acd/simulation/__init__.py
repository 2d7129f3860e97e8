"""A day on the telephone in seconds: the real engine on a virtual clock, with callers and agents made by chance.

`traffic` says what callers do, `staff` who takes calls, `chance` draws, `run` drives the engine, `tally` counts,
`estimate` says how sure the counts are, `result` puts them together, `erlang` has the textbook's answer.
"""
