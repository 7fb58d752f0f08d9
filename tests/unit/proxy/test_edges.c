/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the engine meets the host: planned listeners, claimed blocks, what
 * the kernel knows of a peer, the remembered addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/address_file.h"
#include "proxy/block.h"
#include "proxy/listener_plan.h"
#include "proxy/peer.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/mesh/addresses.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"

static const char mesh_text[] =
	"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n"
	"metadata: {name: app, namespace: shop, annotations: {meshtop.io/forward-to: 127.9.0.99,\n"
	"  meshtop.io/egress: '127.9.0.200:15001'}}\n"
	"spec: {address: 127.9.0.11, labels: {app: app}}\n---\n"
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n"
	"metadata: {name: bare, namespace: shop}\n"
	"spec: {address: 127.9.0.12, labels: {app: app}}\n---\n"
	"apiVersion: v1\nkind: Service\nmetadata: {name: app, namespace: shop}\n"
	"spec: {clusterIP: 127.9.1.1, selector: {app: app}, ports: [\n"
	"  {name: http, port: 80, targetPort: 8080}, {name: tcp, port: 90}]}\n---\n"
	"apiVersion: v1\nkind: Service\nmetadata: {name: zz, namespace: shop}\n"
	"spec: {clusterIP: 127.9.1.1, selector: {app: app}, ports: [{name: http, port: 80}]}\n";

static const struct {
	enum listener_kind kind;
	const char *address;
	enum port_protocol protocol;
} planned[] = {
	{ LISTENER_INBOUND, "127.9.0.11:80", PORT_HTTP },
	{ LISTENER_INBOUND, "127.9.0.11:90", PORT_TCP },
	{ LISTENER_INBOUND, "127.9.0.11:8080", PORT_HTTP },
	{ LISTENER_EGRESS, "127.9.0.200:15001", PORT_HTTP },
	{ LISTENER_SERVICE, "127.9.1.1:80", PORT_HTTP },
	{ LISTENER_SERVICE, "127.9.1.1:90", PORT_TCP },
};

static void
test_plan_listeners__each_address_once_in_order(void **state)
{
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("mesh.yaml", mesh_text, NULL, &err);
	struct listener_plan plan = { VEC_INIT };
	struct mesh *m;

	(void)state;
	if (s == NULL)
		fail_msg("%s", err.msg);
	m = mesh_compile(s, NULL, NULL, NULL);
	plan_listeners(&plan, m);
	assert_int_equal(plan.specs.len, ARRAY_LEN(planned));
	for (size_t i = 0; i < plan.specs.len; i++) {
		const struct listener_spec *spec = &plan.specs.items[i];
		char text[ADDRESS_TEXT_BYTES];

		address_text(&spec->address, text);
		assert_string_equal(text, planned[i].address);
		assert_int_equal(spec->kind, planned[i].kind);
		assert_int_equal(spec->protocol, planned[i].protocol);
	}
	assert_string_equal(plan.specs.items[4].service->name, "app");
	vec_fini(&plan.specs);
	mesh_put(&m);
	snapshot_put(&s);
}

static void
test_block_claim__two_never_share(void **state)
{
	unsigned first, second, again;
	int a = block_claim(0, &first, NULL), b, c;

	(void)state;
	assert_true(a >= 0);
	b = block_claim(first, &second, NULL);
	assert_true(b >= 0);
	assert_int_not_equal(first, second);
	assert_in_range(second, 64, 255);
	close(b);
	c = block_claim(second, &again, NULL);
	assert_int_equal(again, second);
	close(a);
	close(c);
}

static int
accept_one(int *client)
{
	struct address address;
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;

	assert_int_equal(address_parse_host(&address, "127.0.0.1", 0, NULL), 0);
	assert_int_equal(bind(listener, &address.sa, address.len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, &address.sa, &address.len), 0);
	*client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(*client, &address.sa, address.len), 0);
	fd = accept(listener, NULL, NULL);
	close(listener);
	return fd;
}

static void
test_peer__owner_half_close_and_close(void **state)
{
	struct peer_lookup *p = peer_lookup_new();
	int client, fd = accept_one(&client);
	uint32_t uid;

	(void)state;
	if (!peer_uid(p, fd, &uid)) {	/* the host does not let us ask */
		assert_true(peer_is_open(p, fd));
		close(fd);
		close(client);
		peer_lookup_free(&p);
		skip();
	}
	assert_int_equal(uid, getuid());
	assert_true(peer_is_open(p, fd));
	shutdown(client, SHUT_WR);
	assert_true(peer_is_open(p, fd));
	close(client);
	assert_false(peer_is_open(p, fd));
	close(fd);
	peer_lookup_free(&p);
}

static void
test_address_file__survives_and_may_be_lost(void **state)
{
	char dir[] = "/tmp/meshtop-test.XXXXXX", path[64];
	struct addresses *a = addresses_new(70), *b = addresses_new(71);
	struct address given, found;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(address_file_block(dir), 0);
	assert_true(addresses_service(a, "svc.shop", true, &given));
	assert_int_equal(address_file_write(a, dir, NULL), 0);
	assert_int_equal(address_file_block(dir), 70);
	/* In another block the name keeps its place. */
	address_file_read(b, dir);
	assert_true(addresses_service(b, "svc.shop", false, &found));
	assert_int_equal(ntohl(found.in.sin_addr.s_addr) & 0xffff,
			 ntohl(given.in.sin_addr.s_addr) & 0xffff);

	snprintf(path, sizeof(path), "%s/addresses.json", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("{\"block\": 7", f);
	fclose(f);
	assert_int_equal(address_file_block(dir), 0);
	unlink(path);
	rmdir(dir);
	addresses_free(&a);
	addresses_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_listeners__each_address_once_in_order),
		cmocka_unit_test(test_block_claim__two_never_share),
		cmocka_unit_test(test_peer__owner_half_close_and_close),
		cmocka_unit_test(test_address_file__survives_and_may_be_lost),
	};

	return cmocka_run_group_tests_name("edges", tests, NULL, NULL);
}
