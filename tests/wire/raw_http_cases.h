/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows of raw_http.c: what is sent and what must become of it
 * (spec/dataplane.md 6.3, spec/reliability.md 5; RFC 9110 and 9112).
 */
#ifndef MESHTOP_TESTS_WIRE_RAW_HTTP_CASES_H
#define MESHTOP_TESTS_WIRE_RAW_HTTP_CASES_H

#include <stdbool.h>
#include <stddef.h>

struct raw_case {
	const char *what, *bytes;	/* {0}: a NUL; {N:TEXT}: TEXT N times */
	int status;			/* that the client gets; 0: none at all */
	bool closes;			/* request: the client's connection ends;
					 * response: the backend's does */
	bool ends;			/* response: the backend sends an end behind it */
	const char *sees, *not;		/* what the other side must and must not have; NULL */
	const char *request;		/* response: the request before it; NULL: a GET */
};

#define GET "GET / HTTP/1.1\r\nHost: svc\r\n"
#define POST "POST / HTTP/1.1\r\nHost: svc\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
/* Refused: an answer and the end. */
#define REFUSED(what, bytes, status) { what, bytes, status, true, false, NULL, NULL, NULL }
/* Taken: answered by the backend, which sees and does not see something. */
#define TAKEN(what, bytes, sees, not) { what, bytes, 200, false, false, sees, not, NULL }

static const struct raw_case raw_requests[] = {
	/* the request line */
	REFUSED("bare LF", "GET / HTTP/1.1\nHost: svc\n\n", 400),
	REFUSED("LF behind a field", "GET / HTTP/1.1\r\nHost: svc\nA: b\r\n\r\n", 400),
	REFUSED("bare CR in the line", "GET /a\rb HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("two blanks", "GET  / HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("a tab", "GET\t/ HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("a blank behind", "GET / HTTP/1.1 \r\nHost: svc\r\n\r\n", 400),
	REFUSED("a blank before", " GET / HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("no target", "GET HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("HTTP/0.9", "GET /\r\n\r\n", 400),
	REFUSED("HTTP/1.0", "GET / HTTP/1.0\r\nHost: svc\r\n\r\n", 426),
	REFUSED("HTTP/1.10", "GET / HTTP/1.10\r\nHost: svc\r\n\r\n", 400),
	REFUSED("HTTP/1.2", "GET / HTTP/1.2\r\nHost: svc\r\n\r\n", 505),
	REFUSED("HTTP/2.0", "GET / HTTP/2.0\r\nHost: svc\r\n\r\n", 505),
	REFUSED("http/1.1", "GET / http/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("HTTP/01.1", "GET / HTTP/01.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("HTTP/2's greeting", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
	REFUSED("a method that is no token", "G(T / HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("NUL in the target", "GET /a{0}b HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("control character in the target", "GET /a\001b HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("a fragment", "GET /a#b HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("a target without slash", "GET a HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("* with GET", "GET * HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	REFUSED("a target too long", "GET /{17000:a} HTTP/1.1\r\nHost: svc\r\n\r\n", 414),
	REFUSED("CONNECT", "CONNECT svc:80 HTTP/1.1\r\nHost: svc:80\r\n\r\n", 404),
	REFUSED("two empty lines before", "\r\n\r\n" GET "\r\n", 400),
	/* Host */
	REFUSED("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
	REFUSED("two Hosts", GET "Host: svc\r\n\r\n", 400),
	REFUSED("two different Hosts", GET "Host: other\r\n\r\n", 400),
	REFUSED("Host with a user", "GET / HTTP/1.1\r\nHost: me@svc\r\n\r\n", 400),
	REFUSED("Host with a word as port", "GET / HTTP/1.1\r\nHost: svc:http\r\n\r\n", 400),
	REFUSED("Host with a large port", "GET / HTTP/1.1\r\nHost: svc:65536\r\n\r\n", 400),
	REFUSED("Host with brackets", "GET / HTTP/1.1\r\nHost: [svc\r\n\r\n", 400),
	REFUSED("Host with a path", "GET / HTTP/1.1\r\nHost: svc/a\r\n\r\n", 400),
	REFUSED("Host with a blank", "GET / HTTP/1.1\r\nHost: svc other\r\n\r\n", 400),
	REFUSED("Host with a comma", "GET / HTTP/1.1\r\nHost: svc,other\r\n\r\n", 400),
	REFUSED("Host with NUL", "GET / HTTP/1.1\r\nHost: svc{0}\r\n\r\n", 400),
	REFUSED("target with a user", "GET http://me@svc/ HTTP/1.1\r\nHost: svc\r\n\r\n", 400),
	/* fields */
	REFUSED("blank before the colon", GET "A : b\r\n\r\n", 400),
	REFUSED("no colon", GET "A\r\n\r\n", 400),
	REFUSED("no name", GET ": b\r\n\r\n", 400),
	REFUSED("a name that is no token", GET "A(b): c\r\n\r\n", 400),
	REFUSED("a name beyond ASCII", GET "A\303\244: c\r\n\r\n", 400),
	REFUSED("folded", GET "A: b\r\n c\r\n\r\n", 400),
	REFUSED("folded first", "GET / HTTP/1.1\r\n Host: svc\r\n\r\n", 400),
	REFUSED("NUL in a value", GET "A: b{0}c\r\n\r\n", 400),
	REFUSED("NUL in a name", GET "A{0}: c\r\n\r\n", 400),
	REFUSED("CR in a value", GET "A: b\rc\r\n\r\n", 400),
	REFUSED("ESC in a value", GET "A: b\033c\r\n\r\n", 400),
	REFUSED("DEL in a value", GET "A: b\177c\r\n\r\n", 400),
	REFUSED("101 lines", GET "{100:A: b\r\n}\r\n", 431),
	REFUSED("a head too long", GET "A: {62000:b}\r\n\r\n", 431),
	REFUSED("a head that never ends", GET "A: {70000:b}", 431),
	/* lengths */
	REFUSED("signed length", POST "Content-Length: +3\r\n\r\nabc", 400),
	REFUSED("negative length", POST "Content-Length: -1\r\n\r\n", 400),
	REFUSED("empty length", POST "Content-Length:\r\n\r\n", 400),
	REFUSED("hexadecimal length", POST "Content-Length: 0x3\r\n\r\nabc", 400),
	REFUSED("length with a blank", POST "Content-Length: 1 1\r\n\r\nabcdefghijk", 400),
	REFUSED("length with a comma", POST "Content-Length: 3, 3\r\n\r\nabc", 400),
	REFUSED("length that is no integer", POST "Content-Length: 3.0\r\n\r\nabc", 400),
	REFUSED("length beyond 64 bits", POST "Content-Length: 18446744073709551619\r\n\r\nabc", 400),
	REFUSED("two lengths", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
	REFUSED("the same length twice", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
	REFUSED("length and chunks", POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
	REFUSED("chunks and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
	/* codings */
	REFUSED("gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
	REFUSED("chunked, gzip", POST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
	REFUSED("chunked twice", POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
	REFUSED("chunked in two lines", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
	REFUSED("identity", POST "Transfer-Encoding: identity\r\n\r\n", 400),
	REFUSED("xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
	REFUSED("chunked with a parameter", POST "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", 400),
	REFUSED("quoted", POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400),
	REFUSED("vertical tab", POST "Transfer-Encoding: \013chunked\r\n\r\n0\r\n\r\n", 400),
	REFUSED("empty coding", POST "Transfer-Encoding:\r\n\r\n", 400),
	/* chunks */
	REFUSED("no chunk size", CHUNKED "\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("0x3", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("+3", CHUNKED "+3\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("-3", CHUNKED "-3\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("blank before a size", CHUNKED " 3\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("a size beyond 64 bits", CHUNKED "10000000000000003\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("LF behind a size", CHUNKED "3\nabc\r\n0\r\n\r\n", 400),
	REFUSED("LF behind a chunk", CHUNKED "3\r\nabc\n0\r\n\r\n", 400),
	REFUSED("no CRLF behind a chunk", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", 400),
	REFUSED("LF in an extension", CHUNKED "3;a\nb\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("NUL in an extension", CHUNKED "3;a{0}b\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("CR in an extension", CHUNKED "3;a\rb\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("an extension too long", CHUNKED "3;{20000:a}\r\nabc\r\n0\r\n\r\n", 400),
	REFUSED("a trailer without colon", CHUNKED "3\r\nabc\r\n0\r\nA\r\n\r\n", 400),
	REFUSED("a folded trailer", CHUNKED "3\r\nabc\r\n0\r\nA: b\r\n c\r\n\r\n", 400),
	REFUSED("NUL in a trailer", CHUNKED "3\r\nabc\r\n0\r\nA: {0}\r\n\r\n", 400),
	REFUSED("trailers too long", CHUNKED "3\r\nabc\r\n0\r\n{9000:A: bcdef\r\n}\r\n", 400),
	/* what must be taken */
	TAKEN("plain", GET "\r\n", "host: svc\r\n", NULL),
	TAKEN("an empty line before", "\r\n" GET "\r\n", "GET / HTTP/1.1\r\n", NULL),
	TAKEN("an unknown method", "BREW / HTTP/1.1\r\nHost: svc\r\n\r\n", "BREW / HTTP/1.1\r\n", NULL),
	TAKEN("absolute form, Host from it", "GET http://svc/a?b HTTP/1.1\r\nHost: other\r\n\r\n", "GET /a?b HTTP/1.1\r\nhost: svc\r\n", "other"),
	TAKEN("absolute form without path", "GET http://svc HTTP/1.1\r\nHost: svc\r\n\r\n", "GET / HTTP/1.1\r\n", NULL),
	TAKEN("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: svc\r\n\r\n", "OPTIONS * HTTP/1.1\r\n", NULL),
	TAKEN("Host in capitals, with port", "GET / HTTP/1.1\r\nHOST: SVC:8080\r\n\r\n", "host: SVC:8080\r\n", NULL),
	TAKEN("no blank behind the colon", "GET / HTTP/1.1\r\nHost:svc\r\nA:b\r\n\r\n", "a: b\r\n", NULL),
	TAKEN("blanks and tabs around a value", GET "A: \t b c\t \r\n\r\n", "a: b c\r\n", NULL),
	TAKEN("an empty value", GET "A:\r\n\r\n", "a: \r\n", NULL),
	TAKEN("bytes beyond ASCII in a value", GET "A: \303\244\r\n\r\n", "a: \303\244\r\n", NULL),
	TAKEN("an underscore in a name", GET "A_b: c\r\n\r\n", "a_b: c\r\n", NULL),
	TAKEN("all token characters in a name", GET "!#$%&'*+-.^_`|~0aZ: c\r\n\r\n", "!#$%&'*+-.^_`|~0az: c\r\n", NULL),
	TAKEN("99 lines", GET "{90:A: b\r\n}\r\n", "a: b\r\n", NULL),
	TAKEN("a long target", "GET /{8000:a} HTTP/1.1\r\nHost: svc\r\n\r\n", NULL, NULL),
	TAKEN("an odd query", "GET /?a=b&c;d=[e]|\"<> HTTP/1.1\r\nHost: svc\r\n\r\n", "GET /?a=b&c;d=[e]|\"<> HTTP/1.1\r\n", NULL),
	TAKEN("a percent in the path", "GET /a%2fb%20c HTTP/1.1\r\nHost: svc\r\n\r\n", "GET /a%2fb%20c HTTP/1.1\r\n", NULL),
	TAKEN("length 0", POST "Content-Length: 0\r\n\r\n", "content-length: 0\r\n", NULL),
	TAKEN("length with zeros before", POST "Content-Length: 003\r\n\r\nabc", "content-length: 3\r\n", "003"),
	TAKEN("GET with a body", GET "Content-Length: 3\r\n\r\nabc", "\r\n\r\nabc", NULL),
	TAKEN("chunks", CHUNKED "3\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", NULL),
	TAKEN("Chunked", POST "Transfer-Encoding: CHUNKED\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "transfer-encoding: chunked\r\n", NULL),
	TAKEN("capitals and zeros in a size", CHUNKED "000A\r\n0123456789\r\n0\r\n\r\n", "a\r\n0123456789\r\n0\r\n\r\n", NULL),
	TAKEN("an extension is left out", CHUNKED "3;a=\"b\";c\r\nabc\r\n0;d\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", ";"),
	TAKEN("trailers are left out", CHUNKED "3\r\nabc\r\n0\r\nA: b\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "A: b"),
	TAKEN("hop-by-hop fields stay here", GET "Connection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nProxy-Connection: keep-alive\r\nTE: gzip\r\n\r\n", "GET / HTTP/1.1\r\n", "x-mine"),
	TAKEN("Keep-Alive stays here", GET "Keep-Alive: timeout=5\r\n\r\n", NULL, "eep-"),
	TAKEN("TE: trailers passes", GET "TE: trailers\r\n\r\n", "te: trailers\r\n", NULL),
	TAKEN("framing cannot be named away", POST "Connection: content-length\r\nContent-Length: 3\r\n\r\nabc", "content-length: 3\r\n", NULL),
	TAKEN("Host cannot be named away", GET "Connection: host\r\n\r\n", "host: svc\r\n", NULL),
	TAKEN("an upgrade to h2c", GET "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n", NULL, "h2c"),
	TAKEN("its settings", GET "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n", NULL, "http2-settings"),
	TAKEN("Max-Forwards passes", GET "Max-Forwards: 5\r\n\r\n", "max-forwards: 5\r\n", NULL),
	{ "Connection: close", GET "Connection: close\r\n\r\n", 200, true, false, "GET / HTTP/1.1\r\n", "close", NULL },
	{ "a second request behind a refused one", GET "A : b\r\n\r\n" GET "\r\n", 400, true, false, NULL, "GET", NULL },
};

#define OK_HEAD "HTTP/1.1 200 OK\r\n"
/* Refused: 502, and the backend's connection is not used again. */
#define BROKEN(what, bytes) { what, bytes, 502, true, false, NULL, NULL, NULL }
#define PASSED(what, bytes, status, sees, not) { what, bytes, status, false, false, sees, not, NULL }

static const struct raw_case raw_responses[] = {
	BROKEN("status 20", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("status 2000", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("status 000", "HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("status 099", "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("status 600", "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("a word as status", "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("two blanks", "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("no blank behind the status", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"),
	BROKEN("HTTP/2.0", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("HTTP/1.10", "HTTP/1.10 200 OK\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"),
	BROKEN("HTTP/0.9", "<html>hello</html>\r\n\r\n"),
	BROKEN("bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
	BROKEN("NUL in the reason", "HTTP/1.1 200 O{0}K\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("NUL in a value", OK_HEAD "A: b{0}\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("CR in a value", OK_HEAD "A: b\rc\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("folded", OK_HEAD "A: b\r\n c\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("blank before the colon", OK_HEAD "A : b\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("no colon", OK_HEAD "A\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("two lengths", OK_HEAD "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
	BROKEN("signed length", OK_HEAD "Content-Length: +1\r\n\r\na"),
	BROKEN("length beyond 64 bits", OK_HEAD "Content-Length: 18446744073709551617\r\n\r\na"),
	BROKEN("length with a comma", OK_HEAD "Content-Length: 1,1\r\n\r\na"),
	BROKEN("length and chunks", OK_HEAD "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	BROKEN("gzip, chunked", OK_HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
	BROKEN("xchunked", OK_HEAD "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
	BROKEN("101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
	BROKEN("101 lines", OK_HEAD "{101:A: b\r\n}Content-Length: 0\r\n\r\n"),
	BROKEN("a head too long", OK_HEAD "A: {62000:b}\r\nContent-Length: 0\r\n\r\n"),
	BROKEN("interim answers without end", "{200:HTTP/1.1 102 Processing\r\n\r\n}" OK_HEAD "Content-Length: 0\r\n\r\n"),
	{ "chunks that are none", OK_HEAD "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 200, true, false, NULL, "0\r\n\r\n", NULL },
	{ "a cut chunk", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nab", 200, true, true, NULL, "0\r\n\r\n", NULL },
	{ "chunks without the last", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", 200, true, true, "ab", "0\r\n\r\n", NULL },
	{ "a cut body", OK_HEAD "Content-Length: 9\r\n\r\nab", 200, true, true, "ab", NULL, NULL },
	{ "nothing at all", "", 503, true, true, "connection termination", NULL, NULL },
	{ "half a head", "HTTP/1.1 200 OK\r\nA", 503, true, true, "connection termination", NULL, NULL },
	{ "a second answer", OK_HEAD "Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", 200, true, false, "ok", "evil", NULL },
	{ "bytes behind a body", OK_HEAD "Content-Length: 2\r\n\r\nokevil", 200, true, false, "ok", "evil", NULL },
	{ "bytes behind 204", "HTTP/1.1 204 No Content\r\n\r\nevil", 204, true, false, NULL, "evil", NULL },
	{ "a body behind HEAD", OK_HEAD "Content-Length: 4\r\n\r\nevil", 200, true, false, "content-length: 4\r\n", "evil", "HEAD / HTTP/1.1\r\nHost: svc\r\n\r\n" },
	{ "until the end", OK_HEAD "\r\nall of it", 200, true, true, "all of it\r\n0\r\n\r\n", NULL, NULL },
	PASSED("plain", OK_HEAD "Content-Length: 2\r\n\r\nok", 200, "\r\n\r\nok", NULL),
	PASSED("no reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", 200, "\r\n\r\nok", NULL),
	PASSED("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "\r\n\r\nok", NULL),
	PASSED("an unknown status", "HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok", 299, "\r\n\r\nok", NULL),
	PASSED("chunks", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nA: b\r\n\r\n", 200, "2\r\nok\r\n0\r\n\r\n", ";"),
	PASSED("hop-by-hop fields", OK_HEAD "Connection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=9\r\nContent-Length: 2\r\n\r\nok", 200, "ok", "x-mine"),
	PASSED("304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: a\r\n\r\n", 304, "etag: a\r\n", NULL),
	PASSED("two cookies", OK_HEAD "Set-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 2\r\n\r\nok", 200, "set-cookie: a=b\r\nset-cookie: c=d\r\n", NULL),
	PASSED("100 and the body after it", "HTTP/1.1 100 Continue\r\n\r\n" OK_HEAD "Content-Length: 2\r\n\r\nok", 200, "ok", NULL),
	PASSED("early hints", "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" OK_HEAD "Content-Length: 2\r\n\r\nok", 200, "103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200", NULL),
};

#endif
