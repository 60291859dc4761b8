#include "model/facts.h"

#include <assert.h>

const char *time_source_word(enum time_source source)
{
        static const char *const words[TIME_SOURCES] = {
                [TIME_VENDOR] = "vendor", [TIME_EXIF] = "exif",         [TIME_NAME] = "name",
                [TIME_PATH] = "path",     [TIME_RECEIVED] = "received",
        };
        assert(source >= 0 && source < TIME_SOURCES);
        return words[source];
}

static const struct {
        const char *word;
        const char *sentence;
} notes[NOTES] = {
        [NOTE_EMPTY] = {"empty", "the file is empty"},
        [NOTE_NOT_JPEG] = {"not-jpeg", "this is not a JPEG picture"},
        [NOTE_TRUNCATED] = {"truncated", "the picture ends before its end marker"},
        [NOTE_RESYNCED] = {"resynced", "bytes were skipped to find the next marker"},
        [NOTE_WRONG_LENGTH] = {"wrong-length", "a segment declares an impossible length"},
        [NOTE_AFTER_EOI] = {"after-eoi", "bytes follow the end of the picture"},
        [NOTE_NO_FRAME_HEADER] = {"no-frame-header", "width and height are not stated"},
        [NOTE_BAD_COMMENT] = {"bad-comment", "the camera's comment could not be understood"},
        [NOTE_BAD_EXIF] = {"bad-exif", "the EXIF data could not be read"},
        [NOTE_IMPOSSIBLE_TIME] = {"impossible-time",
                                  "a time before 2000 or more than a day ahead was not believed"},
        [NOTE_AMBIGUOUS_TIME] = {"ambiguous-time", "the local time happened twice that day"},
        [NOTE_SKIPPED_TIME] = {"skipped-time", "the local time did not exist that day"},
        [NOTE_TEMPLATE_MISS] = {"template-miss", "the path does not fit the template"},
        [NOTE_PROPRIETARY] = {"proprietary", "the maker's own format, which is not decoded"},
};

const char *note_word(enum note note)
{
        assert(note >= 0 && note < NOTES);
        return notes[note].word;
}

const char *note_sentence(enum note note)
{
        assert(note >= 0 && note < NOTES);
        return notes[note].sentence;
}

void facts_init(struct facts *facts)
{
        *facts = (struct facts){
                .model_code = -1,
                .time = UTC_NONE,
                .time_source = TIME_RECEIVED,
                .sequence = -1,
                .bytes = -1,
        };
}
