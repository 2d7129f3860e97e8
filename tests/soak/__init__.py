"""Random traffic of real phones for as long as one likes, with everything killed in between: `make soak`.

chances.py   what callers and agents will do, and what will be killed: all of it drawn from one seed
people.py    who does it, at real softphones, and what the phones saw
faults.py    kill -9 of the ACD and its neighbours, a cut link
watch.py     the floor asked twice a second: is an agent stuck?
audit.py     at the end: the records against what the phones saw
soak.py      all of it together
"""
