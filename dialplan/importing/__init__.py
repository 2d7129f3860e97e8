"""Reads the queues of an Asterisk that ran without us, and writes them as a site.

conf.py        Asterisk's configuration syntax, of any file: main/config.c
options.py     every option of queues.conf and agents.conf: what becomes of it, as a table
queues.py      queues.conf with its members        rules.py   queuerules.conf as steps
members.py     one member line                     routes.py  what extensions.conf does around Queue()
extensions.py  extensions.conf as steps            keys.py    a queue's exit context
pauses.py      autopause as one limit of the site
report.py      what became of each line: nothing is left out silently
site_text.py   the site as YAML                    migrate.py all of it together
"""
