"""Archives of millions of pictures, on disks or at addresses: colorized on this machine, a shard of it, or on many."""
