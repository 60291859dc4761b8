#include "app/record_path.h"

#include "app/record_facts.h"

void record_path(const char *facts, size_t length, struct text *path)
{
        struct record_facts record;
        struct error ignored;
        if (record_facts_parse(facts, length, &record, &ignored))
                text_add_string(path, record.path);
}
