// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/name.h"

bool name_is_valid(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_";
	size_t length = strlen(name);

	return length && length < 32 && name[0] != '-' && name[0] != '_' &&
	       strspn(name, letters) == length;
}
