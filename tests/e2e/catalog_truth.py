"""What the catalog holds, file by file, held against what is on disk."""

import os
import sqlite3


def catalog_files(data):
    """{path: (bytes, capture time ms, modified ms or None)} of all frames in the catalog of a data folder."""
    path = os.path.join(data, "catalog.db")
    if not os.path.exists(path):
        return {}
    database = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=20)
    database.text_factory = os.fsdecode
    try:
        rows = database.execute("SELECT folders.path, name, bytes, time, time + received FROM frames "
                                "JOIN folders ON folders.id = frames.folder").fetchall()
    finally:
        database.close()
    return {folder + "/" + name: (size, time, modified) for folder, name, size, time, modified in rows}


def vanished_files(data):
    """Paths of the frames that are marked as vanished."""
    database = sqlite3.connect("file:%s?mode=ro" % os.path.join(data, "catalog.db"), uri=True, timeout=20)
    database.text_factory = os.fsdecode
    try:
        rows = database.execute("SELECT folders.path, name FROM vanished "
                                "JOIN folders ON folders.id = vanished.folder").fetchall()
    finally:
        database.close()
    return {folder + "/" + name for folder, name in rows}


def disk_files(root, suffix=".jpg"):
    """{path: (bytes, modified ms)} of the pictures below a folder, links not followed."""
    found = {}
    for folder, _, names in os.walk(os.path.realpath(root)):
        for name in names:
            if not name.endswith(suffix) or name.startswith("."):
                continue
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
            except FileNotFoundError:
                continue
            if not os.path.islink(path):
                found[path] = (status.st_size, status.st_mtime_ns // 10**6)
    return found


def differences(data, *roots):
    """Sentences; none when the catalog holds just the pictures of the roots, each as it is."""
    known = {path: (size, modified) for path, (size, _, modified) in catalog_files(data).items()}
    there = {}
    for root in roots:
        there.update(disk_files(root))
    found = ["%s is on disk and not in the catalog" % path for path in sorted(there.keys() - known.keys())]
    found += ["%s is in the catalog and not on disk" % path for path in sorted(known.keys() - there.keys())]
    found += ["%s is %r on disk and %r in the catalog" % (path, there[path], known[path])
              for path in sorted(there.keys() & known.keys()) if there[path] != known[path]]
    return found
