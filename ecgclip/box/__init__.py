"""A box: a child process with limits of time and memory, for code that may run forever on hostile input.

parent.py  starts the child, sends it requests, and kills it when its time is over
child.py   what runs in the child: limits first, then one program that answers requests
message.py what they say to each other over two pipes
limits.py  how much a child may take
"""
