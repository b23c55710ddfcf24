"""Which files of a folder are nobody's photographs."""

# What disks in a network, Windows and archives of macOS keep beside photographs: thumbnails, the bin, and the like.
FOLDERS_OF_PROGRAMS = {"@eaDir", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot", "__MACOSX"}
FOLDERS_OF_PROGRAMS |= {"$RECYCLE.BIN", "System Volume Information", "lost+found"}
UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".filepart", ".tmp")  # downloads, copies


def is_passed_over(name: str) -> bool:
    """Return whether a file of this name is hidden, or not yet whole."""
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def is_not_entered(name: str) -> bool:
    """Return whether a folder of this name is hidden, or one that programs keep for themselves."""
    return name.startswith(".") or name in FOLDERS_OF_PROGRAMS
