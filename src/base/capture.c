// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sys/stat.h>

#include <pcap/pcap.h>

#include "base/capture.h"
#include "base/cleanup.h"
#include "base/error.h"

/* What would block for ever, or cannot be a capture, is no file to open. */
static int path_check(const char *path)
{
	struct stat st;

	if (path[0] == '-' && !path[1])
		return 0;
	if (stat(path, &st))
		return fail(errno, "%s: %s", path, error_text(errno));
	if (S_ISDIR(st.st_mode))
		return fail(EISDIR, "%s: %s", path, error_text(EISDIR));
	return 0;
}

static int link_refuse(const char *path, int link)
{
	const char *name = pcap_datalink_val_to_name(link);
	const char *text = pcap_datalink_val_to_description(link);

	if (!name)
		return fail(EINVAL,
			    "%s: a capture of link type %d; only Ethernet can "
			    "be looked up",
			    path, link);
	return fail(EINVAL,
		    "%s: a capture of link type %s (%s); only Ethernet can be "
		    "looked up: capture on the interface itself, not on 'any'",
		    path, name, text ?: "?");
}

int capture_open(const char *path, struct capture *capture)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	int err = path_check(path), link;

	if (err)
		return err;
	capture->path = path;
	capture->packets = 0;
	capture->pcap = pcap_open_offline(path, why);
	if (!capture->pcap)
		return fail(EINVAL, "%s: not a capture that libpcap reads: %s",
			    path, why);
	link = pcap_datalink(capture->pcap);
	return link == DLT_EN10MB ? 0 : link_refuse(path, link);
}

int capture_next(struct capture *capture, struct captured *packet)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int got = pcap_next_ex(capture->pcap, &header, &bytes);

	if (got == PCAP_ERROR_BREAK)
		return 0;
	if (got != 1)
		return fail(EINVAL, "%s: damaged behind packet %lu: %s",
			    capture->path, capture->packets,
			    pcap_geterr(capture->pcap));
	capture->packets++;
	*packet = (struct captured){ bytes, header->caplen, header->len };
	return 1;
}

void capture_close(struct capture *capture)
{
	if (capture->pcap)
		pcap_close(capture->pcap);
	capture->pcap = NULL;
}
