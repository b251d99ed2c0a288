// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/description.h"
#include "live/kernel.h"

/* More than 4,096 long rules and 63 files take. */
#define MOST_BYTES (16 << 20)

static void json_free(json_t **json)
{
	json_decref(*json);
}

static json_t *files_write(const struct description *description)
{
	const struct described_file *file = description->files;
	json_t *array = json_array();

	for (size_t i = 0; i < description->file_count; i++, file++)
		json_array_append_new(
			array,
			json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:s, s:I}",
				  "list", file->list, "origin", file->origin,
				  "name", file->name, "path", file->path,
				  "full_path", file->full_path, "entries",
				  (json_int_t)file->entries, "sha256",
				  file->sha256, "until",
				  (json_int_t)file->until_s));
	return array;
}

static json_t *rules_write(const struct description *description)
{
	const struct described_rule *rule = description->rules;
	json_t *array = json_array();

	for (size_t i = 0; i < description->rule_count; i++, rule++)
		json_array_append_new(
			array,
			json_pack("{s:s, s:s, s:i, s:b, s:i}", "name",
				  rule->name, "text", rule->text, "action",
				  rule->action, "observe", rule->observe,
				  "counter", rule->counter));
	return array;
}

static char *description_write(const struct description *description)
{
	_cleanup_(json_free) json_t *json = json_pack(
		"{s:s*, s:s*, s:i, s:b, s:s*, s:o, s:o}", "file",
		description->file, "sha256", description->sha256, "edits",
		description->edits, "observe", description->observe, "text",
		description->text, "files", files_write(description), "rules",
		rules_write(description));

	return json ? json_dumps(json, JSON_COMPACT) : NULL;
}

int description_make(const struct description *description)
{
	_free_ char *text = description_write(description);
	size_t size = text ? strlen(text) + 1 : 0;
	_fd_ int fd = -1;

	if (!text)
		return fail(EINVAL,
			    "cannot describe the policy: a path or an "
			    "expression is not UTF-8");
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "weir_policy", sizeof(__u32),
			    size, 1, NULL);
	if (fd < 0 || bpf_map_update_elem(fd, &(__u32){ 0 }, text, BPF_ANY))
		return fail(errno, "cannot keep the policy's text: %s%s",
			    error_text(errno), kernel_hint(errno));
	return take_fd(fd);
}

static int files_read(json_t *array, struct description *description)
{
	struct described_file *file;
	json_t *object;
	json_int_t entries, until;
	size_t i;
	int list;

	description->files = calloc(json_array_size(array) + 1, sizeof(*file));
	if (!description->files)
		return -ENOMEM;
	json_array_foreach(array, i, object) {
		file = &description->files[description->file_count++];
		if (json_unpack(object,
				"{s:i, s:s, s:s, s:s, s:s, s:I, s:s, s:I}",
				"list", &list, "origin", &file->origin, "name",
				&file->name, "path", &file->path, "full_path",
				&file->full_path, "entries", &entries, "sha256",
				&file->sha256, "until", &until) ||
		    (list != WEIR_ALLOW && list != WEIR_DENY))
			return -EPROTO;
		file->list = list;
		file->entries = entries;
		file->until_s = until;
	}
	return 0;
}

static int rules_read(json_t *array, struct description *description)
{
	struct described_rule *rule;
	json_t *object;
	int action, observe, counter;
	size_t i;

	description->rules = calloc(json_array_size(array) + 1, sizeof(*rule));
	if (!description->rules)
		return -ENOMEM;
	json_array_foreach(array, i, object) {
		rule = &description->rules[description->rule_count++];
		if (json_unpack(object, "{s:s, s:s, s:i, s:b, s:i}", "name",
				&rule->name, "text", &rule->text, "action",
				&action, "observe", &observe, "counter",
				&counter) ||
		    counter < 0 || counter >= WEIR_MAX_RULES || action < 0 ||
		    action >= WEIR_ACTION_COUNT)
			return -EPROTO;
		rule->action = action;
		rule->observe = observe;
		rule->counter = counter;
	}
	return 0;
}

static int text_read(int fd, char **text)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) ||
	    info.type != BPF_MAP_TYPE_ARRAY || info.key_size != sizeof(__u32) ||
	    !info.value_size || info.value_size > MOST_BYTES)
		return -EPROTO;
	/* The kernel rounds values up to eight bytes. */
	*text = calloc(1, info.value_size + 8);
	if (!*text)
		return -ENOMEM;
	return bpf_map_lookup_elem(fd, &(__u32){ 0 }, *text) ? -errno : 0;
}

static int description_parse(const char *text, struct description *description)
{
	json_t *files, *rules;
	int observe, edits, err;

	description->json = json_loads(text, 0, NULL);
	if (json_unpack(description->json,
			"{s?s, s?s, s:i, s:b, s?s, s:o, s:o}", "file",
			&description->file, "sha256", &description->sha256,
			"edits", &edits, "observe", &observe, "text",
			&description->text, "files", &files, "rules", &rules))
		return -EPROTO;
	description->edits = edits;
	description->observe = observe;
	err = files_read(files, description);
	return err ? err : rules_read(rules, description);
}

int description_read(int fd, const char *where,
		     struct description *description)
{
	_free_ char *text = NULL;
	int err;

	*description = (struct description){ 0 };
	err = text_read(fd, &text);
	if (!err)
		err = description_parse(text, description);
	if (!err)
		return 0;
	description_free(description);
	return fail(-err, "%s: cannot read what the policy was: %s", where,
		    error_text(err));
}

void description_free(struct description *description)
{
	free(description->files);
	free(description->rules);
	json_decref(description->json);
	*description = (struct description){ 0 };
}
