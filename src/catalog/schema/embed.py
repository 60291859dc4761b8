#!/usr/bin/env python3
"""Writes the numbered SQL files as a C array: embed.py OUT 001.sql 002.sql ... One that begins with
the comment "Adds only." changes nothing of what is there."""
import sys

ADDS_ONLY = "-- Adds only.\n"


def literal(line):
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"'


def main(out_path, paths):
    with open(out_path, "w", encoding="utf-8") as out:
        out.write('#include "catalog/sqlite_schema.h"\n\n')
        out.write("const struct schema_step schema_steps[] = {\n")
        for number, path in enumerate(sorted(paths), start=1):
            if not path.endswith(f"{number:03}.sql"):
                sys.exit(f"{path}: expected number {number:03}")
            with open(path, encoding="utf-8") as source:
                text = source.read()
            adds_only = "true" if text.startswith(ADDS_ONLY) else "false"
            lines = [line.split("--")[0].rstrip() for line in text.splitlines()]
            body = "\n        ".join(literal(line) for line in lines if line)
            out.write(f"        {{{body}, {adds_only}}},\n")
        out.write("};\n\n")
        out.write(f"const int schema_step_count = {len(paths)};\n")


main(sys.argv[1], sys.argv[2:])
