// SPDX-License-Identifier: GPL-2.0-only
#include "base/cleanup.h"
#include "base/error.h"
#include "cmd/cmd.h"
#include "live/stats.h"

int cmd_status(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	static struct status_report status;
	int err = words_none(argc, argv);

	if (err)
		return err;
	err = instance_open(in->instance, INSTANCE_READ, &instance);
	if (err == -EABSENT)
		status_absent();
	if (!err)
		err = status_read(&instance, &status);
	if (!err)
		in->show->status(&status);
	return err;
}
