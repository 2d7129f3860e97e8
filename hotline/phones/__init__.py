"""Real phones for the live tests and the demo: softphones, what they heard, and callers by the hundred.

    softphone.py    one baresip: registers by digest, dials, answers, keys RFC 4733 digits, records what it hears
                    (call.py one of its calls, baresip.py its process, control.py its control line)
    hearing.py      which prompts are in a recording, and when (sound.py the samples)
    load.py         many callers or many agents of sipp, with the time of each message
                    (sipp.py its process, scenarios.py what it plays)
    swarm.py        many callers in this process who press keys and time what they hear (rtp.py their packets)
    bare_switch.py  an Asterisk without Hotline, to try phones on and to measure against
    ports.py        free ports on the loopback address
    patience.py     waiting up to a deadline

Every phone binds the loopback address only and is ended by its process id.
"""
