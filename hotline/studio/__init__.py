"""What a site says, as those see it who have it recorded: `hotline prompts`.

uses ──► lines ──► stock ──► lacks          who says what; what would be recorded; what is there; what is missing
           └─────► script   intake          the studio's script; the studio's files taken in
"""
