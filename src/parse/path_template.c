#include "parse/path_template.h"

#include <stdlib.h>
#include <string.h>

#include "parse/template_node.h"

struct compiler {
        const char *text;
        size_t length;
        size_t at;
        size_t variable; /* where the one that is being read begins, and whether there is one */
        bool in_variable;
        struct path_template *out;
        bool has_variable;
        struct error *err;
};

static bool fail(const struct compiler *compiler, size_t at, const char *what)
{
        return error_set(compiler->err, ERROR_INPUT, "template: %s, at byte %zu of \"%.*s\"", what,
                         at + 1, (int)compiler->length, compiler->text);
}

static bool add_node(struct compiler *compiler, enum node_kind kind, char byte)
{
        struct path_template *out = compiler->out;
        size_t at = compiler->in_variable ? compiler->variable : compiler->at;
        struct node node = {(uint8_t)kind, byte, 0, (uint8_t)at};
        if (out->count == NODES_MAX)
                return fail(compiler, compiler->at, "too long");
        if (kind == NODE_TEXT || kind == NODE_NAME) {
                if (out->texts == TEXTS_MAX)
                        return fail(compiler, compiler->at, "more than 8 variables of free text");
                node.text = (uint8_t)out->texts++;
        }
        out->nodes[out->count++] = node;
        return true;
}

/* Folders are parted by one '/'; none leads and none ends the template. */
static bool add_slash(struct compiler *compiler)
{
        const struct path_template *out = compiler->out;
        if (out->count == 0)
                return true;
        const struct node *last = &out->nodes[out->count - 1];
        if (last->kind == NODE_LITERAL && last->byte == '/')
                return true;
        compiler->out->parts++;
        return add_node(compiler, NODE_LITERAL, '/');
}

static bool add_literal(struct compiler *compiler, char c)
{
        if (c == '/' || c == '\\')
                return add_slash(compiler);
        if (c == ':')
                return add_node(compiler, NODE_COLON, 0);
        if (c == ' ')
                return add_node(compiler, NODE_BLANK, 0);
        if ((unsigned char)c < 0x20 || c == 0x7f)
                return fail(compiler, compiler->at, "a control character");
        return add_node(compiler, NODE_LITERAL, c);
}

/* ---- strftime ---- */

/* A letter is one node, or other letters and text written out. */
static const struct letter {
        char letter;
        enum node_kind kind;
        const char *written; /* NULL: `kind` */
} letters[] = {
        {'Y', NODE_YEAR, NULL},
        {'y', NODE_YEAR_OF_CENTURY, NULL},
        {'m', NODE_MONTH, NULL},
        {'b', NODE_MONTH_NAME, NULL},
        {'h', NODE_MONTH_NAME, NULL},
        {'B', NODE_MONTH_NAMED, NULL},
        {'d', NODE_DAY, NULL},
        {'e', NODE_DAY_PADDED, NULL},
        {'j', NODE_DAY_OF_YEAR, NULL},
        {'a', NODE_WEEKDAY_NAME, NULL},
        {'A', NODE_WEEKDAY_NAMED, NULL},
        {'H', NODE_HOUR, NULL},
        {'k', NODE_HOUR_PADDED, NULL},
        {'I', NODE_HOUR12, NULL},
        {'l', NODE_HOUR12_PADDED, NULL},
        {'p', NODE_HALF, NULL},
        {'P', NODE_HALF, NULL},
        {'M', NODE_MINUTE, NULL},
        {'S', NODE_SECOND, NULL},
        {'s', NODE_EPOCH_SECONDS, NULL},
        {'u', NODE_DIGIT, NULL},
        {'w', NODE_DIGIT, NULL},
        {'U', NODE_TWO_DIGITS, NULL},
        {'V', NODE_TWO_DIGITS, NULL},
        {'W', NODE_TWO_DIGITS, NULL},
        {'C', NODE_TWO_DIGITS, NULL},
        {'Z', NODE_TEXT, NULL},
        {'F', NODE_LITERAL, "%Y-%m-%d"},
        {'T', NODE_LITERAL, "%H:%M:%S"},
        {'R', NODE_LITERAL, "%H:%M"},
        {'r', NODE_LITERAL, "%I:%M:%S %p"},
        {'D', NODE_LITERAL, "%m/%d/%y"},
        {'c', NODE_LITERAL, "%a %b %e %H:%M:%S %Y"},
        {'x', NODE_LITERAL, "%m/%d/%y"},
        {'X', NODE_LITERAL, "%H:%M:%S"},
        {'%', NODE_LITERAL, "%"},
};

static const struct letter *find_letter(char letter)
{
        for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
                if (letters[i].letter == letter)
                        return &letters[i];
        }
        return NULL;
}

static bool add_letter(struct compiler *compiler, char c)
{
        const struct letter *letter = find_letter(c);
        if (letter == NULL)
                return fail(compiler, compiler->at, "a letter after % that is not understood");
        if (letter->written == NULL)
                return add_node(compiler, letter->kind, 0);
        for (const char *at = letter->written; *at != '\0'; at++) {
                bool percent = *at == '%' && at[1] != '\0';
                const struct letter *inner = percent ? find_letter(*++at) : NULL;
                if (!(inner != NULL ? add_node(compiler, inner->kind, 0)
                                    : add_literal(compiler, *at)))
                        return false;
        }
        return true;
}

/* From '(' at compiler->at to its ')'; strftime's letters if `dated`, else passed over. */
static bool add_parenthesis(struct compiler *compiler, bool dated)
{
        size_t open = compiler->at++;
        for (; compiler->at < compiler->length; compiler->at++) {
                char c = compiler->text[compiler->at];
                if (c == ')') {
                        compiler->at++;
                        return true;
                }
                if (!dated)
                        continue;
                if (c != '%') {
                        if (!add_literal(compiler, c))
                                return false;
                        continue;
                }
                if (++compiler->at == compiler->length || compiler->text[compiler->at] == ')')
                        return fail(compiler, compiler->at - 1, "no letter after %");
                if (!add_letter(compiler, compiler->text[compiler->at]))
                        return false;
        }
        return fail(compiler, open, "no ) for this (");
}

/* ---- variables ---- */

static const struct variable {
        const char *name;
        enum node_kind kind;
        const char *dated; /* not NULL: takes a format in parentheses; what it is without */
} variables[] = {
        {"SH", NODE_MAC, NULL},   {"SI", NODE_ADDRESS, NULL},   {"SN", NODE_NAME, NULL},
        {"ST", NODE_TEXT, "HMS"}, {"SD", NODE_TEXT, "abdY"},    {"SC", NODE_TEXT, NULL},
        {"SP", NODE_TEXT, NULL},  {"SV", NODE_TEXT, NULL},      {"SM", NODE_TEXT, NULL},
        {"FN", NODE_TEXT, NULL},  {"MSE", NODE_EPOCH_MS, NULL},
};

static const struct variable *find_variable(const char *at, size_t length)
{
        for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
                size_t name = strlen(variables[i].name);
                if (name <= length && memcmp(variables[i].name, at, name) == 0)
                        return &variables[i];
        }
        return NULL;
}

/* The letters of a bare $ST, joined by colons, or $SD, by blanks. */
static bool add_bare(struct compiler *compiler, const char *dated)
{
        char joint = dated[0] == 'H' ? ':' : ' ';
        for (const char *at = dated; *at != '\0'; at++) {
                if ((at > dated && !add_literal(compiler, joint)) || !add_letter(compiler, *at))
                        return false;
        }
        return true;
}

/* At a '$'. */
static bool add_variable(struct compiler *compiler)
{
        size_t dollar = compiler->at++;
        const char *at = compiler->text + compiler->at;
        size_t left = compiler->length - compiler->at;
        if (left >= 1 && *at == '$') {
                compiler->at++;
                return add_node(compiler, NODE_LITERAL, '$');
        }
        compiler->has_variable = true;
        if (left >= 2 && memcmp(at, "O(", 2) == 0) {
                compiler->at++;
                return add_node(compiler, NODE_TEXT, 0) && add_parenthesis(compiler, false);
        }
        const struct variable *variable = find_variable(at, left);
        if (variable == NULL)
                return fail(compiler, dollar,
                            "a variable that is not known (known: $SH $SI $SN $ST $SD $SC $SP "
                            "$SV $SM $FN $MSE $O(oid))");
        compiler->at += strlen(variable->name);
        if (variable->dated == NULL)
                return add_node(compiler, variable->kind, 0);
        if (compiler->at < compiler->length && compiler->text[compiler->at] == '(')
                return add_parenthesis(compiler, true);
        return add_bare(compiler, variable->dated);
}

static bool compile(struct compiler *compiler)
{
        if (compiler->length == 0)
                return error_set(compiler->err, ERROR_INPUT, "template: it is empty");
        if (compiler->length >= TEMPLATE_BYTES)
                return error_set(compiler->err, ERROR_INPUT, "template: longer than %d bytes",
                                 TEMPLATE_BYTES - 1);
        compiler->out->parts = 1;
        while (compiler->at < compiler->length) {
                char c = compiler->text[compiler->at];
                if (c == '$') {
                        compiler->variable = compiler->at;
                        compiler->in_variable = true;
                        if (!add_variable(compiler))
                                return false;
                        compiler->in_variable = false;
                } else {
                        if (!add_literal(compiler, c))
                                return false;
                        compiler->at++;
                }
        }
        struct path_template *out = compiler->out;
        const struct node *last = out->count > 0 ? &out->nodes[out->count - 1] : NULL;
        if (last != NULL && last->kind == NODE_LITERAL && last->byte == '/')
                return fail(compiler, compiler->length - 1, "no file name after the last /");
        if (out->parts > PATH_PARTS)
                return fail(compiler, compiler->length - 1, "too many folders");
        return compiler->has_variable ||
               fail(compiler, 0, "there is no variable like $SH or $SD(%Y) in it");
}

bool path_template_compile(const char *text, size_t length, struct path_template **template_out,
                           struct error *err)
{
        struct path_template *out = calloc(1, sizeof *out);
        if (out == NULL)
                return error_set(err, ERROR_FULL, "no memory for a template");
        struct compiler compiler = {.text = text, .length = length, .out = out, .err = err};
        if (!compile(&compiler)) {
                free(out);
                return false;
        }
        *template_out = out;
        return true;
}

void path_template_free(struct path_template **path_template)
{
        free(*path_template);
        *path_template = NULL;
}
