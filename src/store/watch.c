/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Noticing changes of the folder by inotify; see store.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/store/files.h"
#include "src/store/store_priv.h"

#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_CREATE | \
		IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW)

/* Several files often change together: the change is told when nothing more
 * came for QUIET_NS, at the latest LATEST_NS after the first. */
#define QUIET_NS (4 * NS_PER_MS)
#define LATEST_NS (25 * NS_PER_MS)
#define RETRY_MS 4
#define RECORD_MS 10
#define REAP_MS 40
#define POLLING_MS 40
#define LOST_MS 200

static void
forget_folders(struct store *s)
{
	for (size_t i = 0; i < s->watched.len; i++)
		free(s->watched.items[i].path);
	s->watched.len = 0;
}

void
watch_close(struct store *s)
{
	forget_folders(s);
	vec_fini(&s->watched);
	if (s->inotify >= 0)
		close(s->inotify);
	s->inotify = -1;
}

/* A folder that was watched before keeps its watch. */
void
watch_folders(struct store *s)
{
	struct file_list found = FILE_LIST_INIT;

	if (s->inotify < 0)
		return;
	forget_folders(s);
	files_find(s->root, &found, NULL, NULL);
	for (size_t i = 0; i < found.folders.len; i++) {
		const char *folder = found.folders.items[i];
		char *path = xasprintf("%s/%s", s->path, folder);
		struct watched_folder w = { inotify_add_watch(s->inotify, path, EVENTS), NULL };

		if (w.wd >= 0) {
			w.path = xstrdup(folder);
			vec_push(&s->watched, w);
		} else if (errno != ENOENT && errno != ENOTDIR) {
			s->is_polling = true;	/* out of watches */
		}
		free(path);
	}
	file_list_fini(&found);
}

int
store_watch(struct store *s, struct error *err)
{
	(void)err;
	s->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->inotify < 0)
		s->is_polling = true;	/* no instances left: look now and then */
	watch_folders(s);
	return 0;
}

int
store_fd(const struct store *s)
{
	return s->inotify;
}

static void
mark_changed(struct store *s)
{
	uint64_t now = clock_mono_ns(&clock_system);

	if (!s->is_changed)
		s->changed_ns = now;
	s->is_changed = true;
	s->event_ns = now;
}

/* A file that is made is told by the end of its writing, but a link, hard or
 * soft, is there at once. */
static bool
is_linked(struct store *s, const struct inotify_event *e)
{
	struct stat st;
	bool is_link = false;

	for (size_t i = 0; i < s->watched.len; i++) {
		int folder;

		if (s->watched.items[i].wd != e->wd)
			continue;
		folder = files_open_folder(s->root, s->watched.items[i].path, 0, NULL);
		if (folder < 0)
			continue;
		is_link = fstatat(folder, e->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			  (!S_ISREG(st.st_mode) || st.st_nlink > 1);
		close(folder);
	}
	return is_link;
}

/* True when the set of folders may be another one. */
static bool
take_event(struct store *s, const struct inotify_event *e)
{
	if ((e->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
		mark_changed(s);
		return true;
	}
	if ((e->mask & IN_IGNORED) != 0 || e->len == 0 || e->name[0] == '.')
		return false;
	if ((e->mask & IN_ISDIR) != 0) {
		mark_changed(s);
		return (e->mask & (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_ATTRIB)) != 0;
	}
	if (!files_is_document(e->name))
		return false;
	if ((e->mask & IN_CREATE) != 0 && !is_linked(s, e))
		return false;
	mark_changed(s);
	return false;
}

static void
drain(struct store *s)
{
	_Alignas(struct inotify_event) char room[16384];
	bool new_folders = false;
	ssize_t got;

	while (s->inotify >= 0 && (got = read(s->inotify, room, sizeof(room))) > 0) {
		for (char *p = room; p < room + got;) {
			const struct inotify_event *e = (const void *)p;

			new_folders |= take_event(s, e);
			p += sizeof(*e) + e->len;
		}
	}
	if (new_folders)
		watch_folders(s);
}

bool
store_poll_changed(struct store *s)
{
	uint64_t now;
	int lock;

	if (job_reap(&s->record) && s->record.err.code == ERROR_UNREACHABLE)
		s->needs_record = true;		/* the lock was not had; later again */
	drain(s);
	if (s->is_polling && !s->is_changed && load_is_stale(s))
		mark_changed(s);
	if (s->is_lost && access(s->path, F_OK) == 0) {
		s->is_lost = false;
		mark_changed(s);
	}
	if (!s->is_changed) {
		if (s->needs_record && !s->is_read_only && !s->record.is_running)
			job_start_record(s);
		return false;
	}
	now = clock_mono_ns(&clock_system);
	if (now - s->event_ns < QUIET_NS && now - s->changed_ns < LATEST_NS)
		return false;
	if (lock_try_shared(s, &lock) != 0)
		return false;
	lock_give(&lock);
	s->is_changed = false;
	return true;
}

int
store_poll_delay_ms(const struct store *s)
{
	if (s->is_changed)
		return RETRY_MS;
	if (s->record.is_running)
		return REAP_MS;
	if (s->needs_record && !s->is_read_only)
		return RECORD_MS;
	if (s->is_lost)
		return LOST_MS;
	return s->is_polling ? POLLING_MS : -1;
}
