"""Records: from the line in a journal to the row that a report reads.

Theory of operation. A process appends each fact to its own journal (`journal`) and goes on with its call. The records
writer (`writer`) follows all journals and Asterisk's `legs.csv` (`sources`, `tail`), applies each line (`apply`) and
moves the file's position in the same transaction: whatever is killed, each line counts once.
"""
