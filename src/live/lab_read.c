// SPDX-License-Identifier: GPL-2.0-only
/* What labs there are, and what they are made of. */
#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/interface.h"
#include "live/lab_parts.h"
#include "live/netns.h"

static unsigned int mask_length(const unsigned char *mask, size_t size)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < size; i++)
		bits += __builtin_popcount(mask[i]);
	return bits;
}

static void address_format(const struct ifaddrs *from, struct lab_address *to)
{
	bool four = from->ifa_addr->sa_family == AF_INET;
	size_t at = four ? offsetof(struct sockaddr_in, sin_addr)
			 : offsetof(struct sockaddr_in6, sin6_addr);
	char text[INET6_ADDRSTRLEN];

	inet_ntop(from->ifa_addr->sa_family, (char *)from->ifa_addr + at, text,
		  sizeof(text));
	snprintf(to->text, sizeof(to->text), "%s/%u", text,
		 mask_length((unsigned char *)from->ifa_netmask + at,
			     four ? 4 : 16));
	snprintf(to->interface, sizeof(to->interface), "%s", from->ifa_name);
}

static bool is_worth_telling(const struct ifaddrs *address)
{
	const struct sockaddr_in6 *six = (void *)address->ifa_addr;

	if (!address->ifa_addr || !address->ifa_netmask ||
	    !strcmp(address->ifa_name, "lo"))
		return false;
	return six->sin6_family == AF_INET ||
	       (six->sin6_family == AF_INET6 &&
		!IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr));
}

static void addresses_read(struct lab_side_report *side)
{
	struct ifaddrs *list;

	if (getifaddrs(&list))
		return;
	for (struct ifaddrs *i = list; i; i = i->ifa_next)
		if (is_worth_telling(i) && side->addresses < LAB_MAX_ADDRESSES)
			address_format(i, &side->address[side->addresses++]);
	freeifaddrs(list);
}

/* A side that is missing or half made is told as such. */
static int side_read(enum lab_side which, struct lab_report *lab)
{
	struct lab_side_report *side = &lab->side[which];
	_cleanup_(netns_leave) int home = -1;
	_fd_ int netns = -1;
	struct interface interface;

	lab_netns(lab->name, which, side->netns);
	strcpy(side->interface, lab_interfaces[which]);
	netns = netns_open(side->netns);
	if (netns < 0)
		return 0;
	home = netns_visit(netns);
	if (home < 0)
		return home;
	side->exists = true;
	addresses_read(side);
	if (which == LAB_ATTACKER)
		lab->whole = lab_is_whole();
	else if (!interface_by_name(side->interface, &interface))
		lab->program = interface.program;
	return 0;
}

static int report_fill(const char *name, struct lab_report *lab)
{
	int err = 0;

	*lab = (struct lab_report){ 0 };
	strcpy(lab->name, name);
	lab_instance(name, lab->instance);
	for (int side = 0; !err && side < LAB_SIDES; side++)
		err = side_read(side, lab);
	lab->whole &= lab->side[LAB_SERVER].exists;
	return err;
}

int lab_read(const char *name, struct lab_report *report)
{
	int err = lab_name_check(name);

	if (err)
		return err;
	return lab_exists(name) ? report_fill(name, report) : lab_absent(name);
}

/* "weir-NAME-attacker" or "weir-NAME-server", if NAME could be a lab's. */
static bool name_take(const char *file, char name[LAB_NAME_SIZE])
{
	size_t length = strlen(file), tail;

	if (strncmp(file, "weir-", 5))
		return false;
	for (int side = 0; side < LAB_SIDES; side++) {
		tail = strlen(lab_side_names[side]) + 1;
		if (length <= 5 + tail || length >= 5 + tail + LAB_NAME_SIZE ||
		    file[length - tail] != '-' ||
		    strcmp(file + length - tail + 1, lab_side_names[side]))
			continue;
		memset(name, 0, LAB_NAME_SIZE);
		memcpy(name, file + 5, length - 5 - tail);
		return lab_exists(name);
	}
	return false;
}

/* Sorted, and a lab of two sides once. */
static int report_add(const char *name, struct lab_report **reports, int count)
{
	struct lab_report *more;
	int err;

	if (count && !strcmp((*reports)[count - 1].name, name))
		return count;
	more = realloc(*reports, (count + 1) * sizeof(*more));
	if (!more)
		return fail(ENOMEM, "lab: %s", error_text(ENOMEM));
	*reports = more;
	err = report_fill(name, &more[count]);
	return err ? err : count + 1;
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* How many names there are in *names, which is to be freed. */
static int names_read(char (**names)[LAB_NAME_SIZE])
{
	char name[LAB_NAME_SIZE], (*more)[LAB_NAME_SIZE];
	DIR *dir = opendir(NETNS_DIR);
	struct dirent *file;
	int count = 0;

	while (dir && (file = readdir(dir))) {
		if (!name_take(file->d_name, name))
			continue;
		more = realloc(*names, (count + 1) * sizeof(*more));
		if (!more)
			break;
		*names = more;
		memcpy(more[count++], name, sizeof(name));
	}
	if (dir)
		closedir(dir);
	return count;
}

int labs_read(struct lab_report **reports)
{
	_free_ char(*names)[LAB_NAME_SIZE] = NULL;
	_free_ struct lab_report *list = NULL;
	int names_count = names_read(&names), count = 0;

	qsort(names, names_count, sizeof(*names), name_compare);
	for (int i = 0; i < names_count && count >= 0; i++)
		count = report_add(names[i], &list, count);
	if (count >= 0)
		*reports = take_ptr(list);
	return count;
}
