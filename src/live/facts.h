/* SPDX-License-Identifier: GPL-2.0-only */
/* What advice is given on, as the kernel says it. */
#ifndef WEIR_FACTS_H
#define WEIR_FACTS_H

#include "live/advice.h"
#include "live/instance.h"
#include "live/interface.h"

/*
 * What can be read is, the rest stays unknown.  'instance' may be closed: then
 * nothing is known of the filter.
 */
void host_facts_read(const struct instance *instance, struct host_facts *host);

/* 'attached' and the mode are the caller's to say. */
void interface_facts_read(const struct interface *interface,
			  struct interface_facts *on);

#endif
