"""Reading the catalogue's files into the database: check everything first, then write, or nothing.

`load.load_catalogue` is the way in. `rows` reads a file and judges its cells, the modules named
after what they hold turn rows into plans, `write` carries the plans out.
"""
