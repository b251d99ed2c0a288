// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/error.h"
#include "live/stage.h"

#define SMALLEST 256

struct stages *stages_make(void)
{
	struct stages *stages = calloc(1, sizeof(*stages));

	if (!stages) {
		fail(ENOMEM, "out of memory");
		return NULL;
	}
	stages->ip4.key_size = sizeof(struct weir_prefix4);
	stages->ip6.key_size = sizeof(struct weir_prefix6);
	return stages;
}

static void stage_free(struct stage *stage)
{
	free(stage->keys);
	free(stage->entries);
	free(stage->index);
}

void stages_free(struct stages *stages)
{
	if (!stages)
		return;
	stage_free(&stages->ip4);
	stage_free(&stages->ip6);
	free(stages);
}

static struct stage *stage_of(struct stages *stages, unsigned char family)
{
	return family == 4 ? &stages->ip4 : &stages->ip6;
}

static const unsigned char *key_at(const struct stage *stage, size_t place)
{
	return stage->keys + place * stage->key_size;
}

/* FNV-1a: the order of a file is not to decide where its entries go. */
static __u32 key_hash(const unsigned char *key, size_t size)
{
	__u32 hash = 2166136261;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ key[i]) * 16777619;
	return hash ^ hash >> 15;
}

/* The bucket of a key, or the free one where it would be. */
static __u32 *bucket_of(const struct stage *stage, const unsigned char *key)
{
	size_t at = key_hash(key, stage->key_size);
	__u32 *bucket;

	for (;; at++) {
		bucket = &stage->index[at & (stage->buckets - 1)];
		if (!*bucket || !memcmp(key_at(stage, *bucket - 1), key,
					stage->key_size))
			return bucket;
	}
}

struct weir_entry *stage_find(struct stages *stages, unsigned char family,
			      const union key *key)
{
	struct stage *stage = stage_of(stages, family);
	__u32 place;

	if (!stage->count)
		return NULL;
	place = *bucket_of(stage, (const unsigned char *)key);
	return place ? &stage->entries[place - 1] : NULL;
}

static void index_rebuild(struct stage *stage)
{
	for (size_t i = 0; i < stage->count; i++)
		*bucket_of(stage, key_at(stage, i)) = i + 1;
}

static int stage_grow(struct stage *stage)
{
	size_t room = stage->room ? 2 * stage->room : SMALLEST;
	struct weir_entry *entries;
	unsigned char *keys;
	__u32 *index;

	keys = realloc(stage->keys, room * stage->key_size);
	if (keys)
		stage->keys = keys;
	entries = realloc(stage->entries, room * sizeof(*entries));
	if (entries)
		stage->entries = entries;
	index = calloc(2 * room, sizeof(*index));
	if (!keys || !entries || !index) {
		free(index);
		return fail(ENOMEM, "out of memory");
	}
	free(stage->index);
	stage->index = index;
	stage->room = room;
	stage->buckets = 2 * room;
	index_rebuild(stage);
	return 0;
}

int stage_add(struct stages *stages, unsigned char family, const union key *key,
	      const struct weir_entry *entry)
{
	struct stage *stage = stage_of(stages, family);
	int err = 0;

	if (stage->count == stage->room)
		err = stage_grow(stage);
	if (err)
		return err;
	*bucket_of(stage, (const unsigned char *)key) = stage->count + 1;
	memcpy(stage->keys + stage->count * stage->key_size, key,
	       stage->key_size);
	stage->entries[stage->count++] = *entry;
	return 0;
}

static int stage_write(const struct stage *stage, int fd)
{
	__u32 count = stage->count;

	if (!count ||
	    !bpf_map_update_batch(fd, stage->keys, stage->entries, &count, NULL))
		return 0;
	return map_refused(fd, "add entries");
}

int stages_write(const struct stages *stages, const struct maps *maps)
{
	int err = stage_write(&stages->ip4, maps->fd[MAP_PREFIX4]);

	return err ? err : stage_write(&stages->ip6, maps->fd[MAP_PREFIX6]);
}
