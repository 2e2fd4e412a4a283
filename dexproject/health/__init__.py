"""Whether the program makes progress: blocks are followed, hosts report, the database answers."""
