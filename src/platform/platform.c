/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The platform process: reads the mesh directory, compiles it with the
 * engine's addresses, and keeps its pods running on one loop.
 */
#include "src/platform/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/leash.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "src/mesh/addresses.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/platform/deploy.h"
#include "src/platform/names.h"
#include "src/platform/pod.h"
#include "src/base/slim.h"
#include "src/store/store.h"

#define ADDRESSES_FILE "addresses.json"
#define MAX_ADDRESSES (16u << 20)
#define DRAIN_NS (1 * NS_PER_S)
#define WANTED_FILES 8192

struct platform {
	struct loop *loop;
	struct host host;
	struct store *store;
	struct deploy *deploy;
	struct mesh *mesh;
	char *run_dir;
	int state_fd, run_fd, lock_fd;	/* folders .meshtop and .meshtop/run; the lock's file */
	struct watch store_watch, addresses_watch, signal_watch;
	struct leash *leash;
	struct timer again;		/* the store wants to be asked again, or the drain ends */
	bool is_ready, is_ending;
};

struct options {
	const char *dir;
	double pace;
	uint64_t seed;
	bool has_seed;
	int parent_fd;
};

/* Reading the directory */

static void
read_addresses(const struct platform *p, struct addresses *a)
{
	int fd = openat(p->state_fd, ADDRESSES_FILE, O_RDONLY | O_CLOEXEC);
	struct error err = ERROR_INIT;
	struct stat st;
	char *text;
	ssize_t n;

	if (fd < 0)
		return;		/* the engine has not been here yet */
	if (fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= MAX_ADDRESSES) {
		text = xmalloc((size_t)st.st_size + 1);
		n = read(fd, text, (size_t)st.st_size);
		if (n > 0 && addresses_parse(a, text, (size_t)n, &err) < 0)
			log_error(&err);
		free(text);
	}
	close(fd);
}

static struct mesh *
compile(const struct platform *p, struct snapshot *documents)
{
	struct addresses *a = addresses_new(0);
	struct mesh *m;

	read_addresses(p, a);
	addresses_set_read_only(a, true);
	m = mesh_compile(documents, a, p->run_dir, NULL);
	addresses_free(&a);
	return m;
}

static void
say_ready(struct platform *p, const struct deploy_state *s)
{
	if (p->is_ready || s->waiting > 0)
		return;
	p->is_ready = true;
	printf("ready\n");
	fflush(stdout);
	slim_drop_code();
}

static void
reload(struct platform *p)
{
	struct snapshot *documents = NULL;
	struct error err = ERROR_INIT;
	struct deploy_state state;
	struct mesh *fresh;

	if (p->is_ending)
		return;
	if (store_load(p->store, &documents, NULL, &err) < 0) {
		log_error(&err);
		return;
	}
	fresh = compile(p, documents);
	snapshot_put(&documents);
	if (p->mesh != NULL)
		mesh_put(&p->mesh);
	p->mesh = fresh;
	deploy_apply(p->deploy, p->mesh, &state);
	say_ready(p, &state);
	malloc_trim(0);		/* the old mesh's memory goes back at once */
}

static void
on_store_again(struct timer *t);

static void
look_at_store(struct platform *p)
{
	int delay_ms;

	if (p->is_ending)
		return;
	if (store_poll_changed(p->store))
		reload(p);
	delay_ms = store_poll_delay_ms(p->store);
	if (delay_ms >= 0)
		loop_timer_set(p->loop, &p->again,
			       loop_now_ns(p->loop) + (uint64_t)delay_ms * NS_PER_MS,
			       on_store_again);
}

static void
on_store_again(struct timer *t)
{
	look_at_store(CONTAINER_OF(t, struct platform, again));
}

static void
on_store(struct watch *w, unsigned events)
{
	(void)events;
	look_at_store(CONTAINER_OF(w, struct platform, store_watch));
}

static void
on_addresses(struct watch *w, unsigned events)
{
	struct platform *p = CONTAINER_OF(w, struct platform, addresses_watch);
	_Alignas(struct inotify_event) char buf[4096];
	bool is_ours = false;
	ssize_t n;

	(void)events;
	while ((n = read(w->fd, buf, sizeof(buf))) > 0) {
		for (char *at = buf; at < buf + n;) {
			const struct inotify_event *e = (const void *)at;

			is_ours |= (e->mask & IN_Q_OVERFLOW) != 0 ||
				   (e->len > 0 && strcmp(e->name, ADDRESSES_FILE) == 0);
			at += sizeof(*e) + e->len;
		}
	}
	if (is_ours)
		reload(p);
}

/* Ending */

static void
on_drained(struct timer *t)
{
	loop_stop(CONTAINER_OF(t, struct platform, again)->loop);
}

static void
begin_end(struct platform *p)
{
	if (p->is_ending) {	/* asked twice: at once */
		loop_stop(p->loop);
		return;
	}
	p->is_ending = true;
	deploy_stop_all(p->deploy);
	if (p->host.pod_count == 0)
		loop_stop(p->loop);
	else
		loop_timer_set(p->loop, &p->again, loop_now_ns(p->loop) + DRAIN_NS, on_drained);
}

static void
on_signal(struct watch *w, unsigned events)
{
	struct signalfd_siginfo info;

	(void)events;
	while (read(w->fd, &info, sizeof(info)) == sizeof(info))
		begin_end(CONTAINER_OF(w, struct platform, signal_watch));
}

static void
on_parent_gone(void *arg)
{
	begin_end(arg);
}

static void
on_pod_gone(void *arg, struct pod *pod)
{
	struct platform *p = arg;

	(void)pod;
	if (p->is_ending && p->host.pod_count == 0)
		loop_stop(p->loop);
}

static bool
resolve(void *arg, const char *ns, const char *name, uint16_t port, struct address *out)
{
	const struct platform *p = arg;

	return name_resolve(p->mesh, ns, name, port, out);
}

/* Starting */

static int
open_folders(struct platform *p, struct error *err)
{
	const char *state = store_state_path(p->store);

	if (mkdir(state, 0700) < 0 && errno != EEXIST)
		return error_errnof(err, "%s", state);
	p->run_dir = xasprintf("%s/run", state);
	if (mkdir(p->run_dir, 0700) < 0 && errno != EEXIST)
		return error_errnof(err, "%s", p->run_dir);
	p->state_fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->run_fd = open(p->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->state_fd < 0 || p->run_fd < 0)
		return error_errnof(err, "%s", p->run_dir);
	p->lock_fd = openat(p->state_fd, "platform.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (p->lock_fd < 0)
		return error_errnof(err, "%s/platform.lock", state);
	if (flock(p->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return error_setf(err, ERROR_REFUSED, "%s: another platform runs on this directory",
				  store_path(p->store));
	return 0;
}

static int
watch_files(struct platform *p, struct error *err)
{
	char path[64];
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", p->state_fd);
	if (fd < 0 || inotify_add_watch(fd, path, IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
		return error_errnof(err, "watch %s", store_state_path(p->store));
	if (loop_watch_level(p->loop, &p->addresses_watch, fd, on_addresses, err) < 0 ||
	    store_watch(p->store, err) < 0)
		return -1;
	return loop_watch_level(p->loop, &p->store_watch, store_fd(p->store), on_store, err);
}

static int
watch_process(struct platform *p, int parent_fd, struct error *err)
{
	sigset_t set;
	char *attached;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return error_errnof(err, "signals");
	if (loop_watch_level(p->loop, &p->signal_watch, fd, on_signal, err) < 0)
		return -1;
	if (parent_fd < 0)
		return 0;
	attached = xasprintf("%s/attached", store_state_path(p->store));
	p->leash = leash_new(p->loop, parent_fd, attached, on_parent_gone, p, err);
	free(attached);
	return p->leash != NULL ? 0 : -1;
}

static void
raise_file_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= WANTED_FILES)
		return;
	r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > WANTED_FILES ? WANTED_FILES
									     : r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

static int
platform_open(struct platform *p, const struct options *o, struct error *err)
{
	*p = (struct platform){ .state_fd = -1, .run_fd = -1, .lock_fd = -1 };
	p->store_watch.fd = p->addresses_watch.fd = p->signal_watch.fd = -1;
	p->loop = loop_new(&clock_system, err);
	if (p->loop == NULL)
		return -1;
	p->host = (struct host){ .loop = p->loop, .pace = o->pace, .resolve = resolve,
				 .on_pod_gone = on_pod_gone, .arg = p };
	if (o->has_seed)
		rng_seed(&p->host.rng, o->seed);
	else
		rng_seed_random(&p->host.rng);
	p->store = store_open_reader(o->dir, err);
	if (p->store == NULL || open_folders(p, err) < 0 ||
	    watch_process(p, o->parent_fd, err) < 0 || watch_files(p, err) < 0)
		return -1;
	p->deploy = deploy_new(&p->host, p->run_fd);
	return 0;
}

static void
platform_close(struct platform *p)
{
	if (p->host.pod_count == 0)
		deploy_free(&p->deploy);	/* else: cut off by the end of the process */
	loop_close(&p->addresses_watch);
	loop_close(&p->signal_watch);
	loop_unwatch(&p->store_watch);		/* the store's own descriptor */
	leash_free(&p->leash);
	if (p->mesh != NULL)
		mesh_put(&p->mesh);
	store_close(&p->store);
	if (p->lock_fd >= 0)
		close(p->lock_fd);
	if (p->run_fd >= 0)
		close(p->run_fd);
	if (p->state_fd >= 0)
		close(p->state_fd);
	free(p->run_dir);
	loop_free(&p->loop);
}

/* Command line */

static int
parse_number(const char *text, double lo, double hi, double *out)
{
	char *end;

	errno = 0;
	*out = strtod(text, &end);
	return end != text && *end == '\0' && errno == 0 && *out >= lo && *out <= hi ? 0 : -1;
}

static int
parse_options(int argc, char **argv, struct options *o, struct error *err)
{
	static const struct option known[] = {
		{ "pace", required_argument, NULL, 'p' },
		{ "seed", required_argument, NULL, 's' },
		{ "parent-fd", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	double n;
	int c;

	*o = (struct options){ .pace = 1, .parent_fd = -1 };
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, ":", known, NULL)) != -1) {
		if (c == ':' || c == '?')
			return error_setf(err, ERROR_USAGE, "%s: %s", argv[optind - 1],
					  c == ':' ? "needs a value" : "unknown option");
		if (c == 'p' && parse_number(optarg, 0.001, 100000, &o->pace) < 0)
			return error_setf(err, ERROR_USAGE, "--pace %s: not a number above 0", optarg);
		if (c == 'f' && parse_number(optarg, 0, 1 << 20, &n) < 0)
			return error_setf(err, ERROR_USAGE, "--parent-fd %s: not a descriptor", optarg);
		if (c == 'f')
			o->parent_fd = (int)n;
		if (c == 's') {
			char *end;

			o->seed = strtoull(optarg, &end, 10);
			o->has_seed = true;
			if (end == optarg || *end != '\0')
				return error_setf(err, ERROR_USAGE, "--seed %s: not a number", optarg);
		}
	}
	if (optind + 1 != argc)
		return error_setf(err, ERROR_USAGE, optind == argc ? "platform: no directory given"
								   : "platform: one directory only");
	o->dir = argv[optind];
	return 0;
}

int
platform_main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct options o;
	struct platform p;

	if (parse_options(argc, argv, &o, &err) < 0) {
		log_error(&err);
		return error_exit_status(&err);
	}
	raise_file_limit();
	if (platform_open(&p, &o, &err) == 0) {
		reload(&p);
		look_at_store(&p);
		loop_run(p.loop);
	} else {
		log_error(&err);
	}
	platform_close(&p);
	return err.code == ERROR_NONE ? 0 : error_exit_status(&err);
}
