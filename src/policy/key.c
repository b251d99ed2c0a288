// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/key.h"

/* 1 to 128, without leading zeros; 0 for what is none. */
static unsigned int length_parse(const char *text, size_t length)
{
	unsigned int value = 0;

	if (length > 3 || *text == '0')
		return 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		value = value * 10 + (text[i] - '0');
	}
	return value <= 128 ? value : 0;
}

/* A length speaks for one family, a bare word for both. */
static int address_key(const char *rest, size_t length, unsigned char *len4,
		       unsigned char *len6, char *why, size_t size)
{
	unsigned int len;

	if (!length) {
		if (*len4 || *len6)
			return -EEXIST;
		*len4 = KEY_BARE4;
		*len6 = KEY_BARE6;
		return 0;
	}
	len = length_parse(rest + 1, length - 1);
	if (!len) {
		snprintf(why, size,
			 "a length is 1 to 32 for IPv4, 33 to 128 "
			 "for IPv6");
		return -EINVAL;
	}
	if (len <= 32)
		len6 = len4;
	if (*len6)
		return -EEXIST;
	*len6 = len;
	return 0;
}

static int port_key(size_t length, bool *port)
{
	if (length)
		return -EINVAL;
	if (*port)
		return -EEXIST;
	*port = true;
	return 0;
}

static int part_parse(const char *part, size_t length, struct key *key,
		      char *why, size_t size)
{
	size_t name = strcspn(part, "/,");

	if (name == 3 && !memcmp(part, "src", 3))
		return address_key(part + 3, length - 3, &key->src4, &key->src6,
				   why, size);
	if (name == 3 && !memcmp(part, "dst", 3))
		return address_key(part + 3, length - 3, &key->dst4, &key->dst6,
				   why, size);
	if (name == 5 && !memcmp(part, "sport", 5))
		return port_key(length - 5, &key->sport);
	if (name == 5 && !memcmp(part, "dport", 5))
		return port_key(length - 5, &key->dport);
	return -EINVAL;
}

/* The family that no length was given for. */
static void key_complete(struct key *key)
{
	key->src = key->src4 || key->src6;
	key->dst = key->dst4 || key->dst6;
	if (key->src && !key->src4)
		key->src4 = KEY_BARE4;
	if (key->src && !key->src6)
		key->src6 = KEY_BARE6;
	if (key->dst && !key->dst4)
		key->dst4 = KEY_BARE4;
	if (key->dst && !key->dst6)
		key->dst6 = KEY_BARE6;
}

int key_parse(const char *text, struct key *key, char *why, size_t size)
{
	struct key read = { 0 };
	size_t length;
	int err;

	*why = '\0';
	for (;; text += length + 1) {
		length = strcspn(text, ",");
		err = part_parse(text, length, &read, why, size);
		if (err == -EEXIST)
			snprintf(why, size, "%.*s comes twice",
				 (int)strcspn(text, "/,"), text);
		if (err)
			return -EINVAL;
		if (!text[length])
			break;
	}
	key_complete(&read);
	*key = read;
	return 0;
}

static void part_append(char *text, const char *part)
{
	if (*text)
		strcat(text, ",");
	strcat(text, part);
}

/* What differs from the bare word, or that. */
static void address_append(char *text, const char *word, unsigned int len4,
			   unsigned int len6)
{
	char part[16];

	if (len4 == KEY_BARE4 && len6 == KEY_BARE6)
		part_append(text, word);
	if (len4 != KEY_BARE4) {
		snprintf(part, sizeof(part), "%s/%u", word, len4);
		part_append(text, part);
	}
	if (len6 != KEY_BARE6) {
		snprintf(part, sizeof(part), "%s/%u", word, len6);
		part_append(text, part);
	}
}

const char *key_format(const struct key *key, char text[KEY_TEXT])
{
	*text = '\0';
	if (key->src)
		address_append(text, "src", key->src4, key->src6);
	if (key->dst)
		address_append(text, "dst", key->dst4, key->dst6);
	if (key->sport)
		part_append(text, "sport");
	if (key->dport)
		part_append(text, "dport");
	return text;
}
