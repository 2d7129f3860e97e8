"""Random traffic of real phones for as long as one likes, with everything killed in between: `make soak`.

chances.py          what callers and agents will do, and what will be killed: all of it drawn from one seed
people.py           callers and agents who do it, at real softphones
picking_up.py       what is done at a phone that rings
onward.py           how an agent sends a caller on
town.py             the phones outside: who is called back, and to whom callers are sent
log.py              what the phones saw
faults.py           kill -9 of the ACD and its neighbours, a cut link
watch.py            the floor asked twice a second: is an agent stuck?
rows.py, case.py    the records, and what of them and of the phones belongs together
audit.py            the records of calls against what the phones saw
audit_callbacks.py  the records of callbacks
soak.py             all of it together
"""
