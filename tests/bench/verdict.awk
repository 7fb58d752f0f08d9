# SPDX-License-Identifier: GPL-3.0-or-later
# awk -f verdict.awk GATES ROUNDS IDLE: the engine against the cheaper of
# haproxy and nginx, as a Markdown table.
#
# GATES has a row for each thing that is promised (gates.txt says what they
# mean); ROUNDS one JSON object a line for each round and proxy, as the
# harness writes them; IDLE its lines on idle connections.  A ratio is the
# median of the rounds' own ratios.  Rounds in which other programs had more
# than a tenth of the proxy's CPU are dropped.

function number(key) {
	if (!match($0, "\"" key "\": -?[0-9.e-]+"))
		return ""
	return substr($0, RSTART + length(key) + 4, RLENGTH - length(key) - 4) + 0
}

function text(key) {
	if (!match($0, "\"" key "\": \"[^\"]*\""))
		return ""
	return substr($0, RSTART + length(key) + 5, RLENGTH - length(key) - 6)
}

function median(list, n,    i, k, v) {
	for (i = 2; i <= n; i++) {
		v = list[i]
		for (k = i - 1; k > 0 && list[k] > v; k--)
			list[k + 1] = list[k]
		list[k + 1] = v
	}
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# Median of what of one proxy, over its quiet rounds; "" when there is none.
function typical(sc, proxy, what,    r, n, list) {
	for (r = 0; r < rounds[sc]; r++)
		if ((sc, proxy, r, what) in value && quiet[sc, proxy, r])
			list[++n] = value[sc, proxy, r, what]
	return n ? median(list, n) : ""
}

# Sets kept and all; the ratio to peer in rounds that were quiet for both.
function ratio(sc, peer, what,    r, n, list, one, every) {
	kept = 0
	all = ""
	for (r = 0; r < rounds[sc]; r++) {
		if (!((sc, "meshtop", r, what) in value) || !((sc, peer, r, what) in value))
			continue
		one = value[sc, "meshtop", r, what] / value[sc, peer, r, what]
		every[++n] = one
		if (quiet[sc, "meshtop", r] && quiet[sc, peer, r])
			list[++kept] = one
	}
	if (n)
		all = median(every, n)
	return kept ? median(list, kept) : ""
}

function row(name, what, peer, gate, aim, measured, digits, more,    verdict) {
	verdict = "aim"
	if (measured == "")
		verdict = "no quiet round"
	else if (measured > gate)
		verdict = "**missed**"
	else if (measured > aim)
		verdict = "gate"
	printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", name, what, peer, gate, aim,
	       measured == "" ? "-" : sprintf("%." digits "f", measured), more, verdict
}

function judge(name, what, peers, gate, aim,    list, n, i, peer, best, cost, measured) {
	n = split(peers, list, ",")
	for (i = 1; i <= n; i++) {
		cost = typical(name, list[i], what)
		if (cost != "" && (best == "" || cost < best)) {
			best = cost
			peer = list[i]
		}
	}
	if (peer == "")
		peer = list[n]		# nothing to go by
	measured = ratio(name, peer, what)
	row(name, what, peer, gate, aim, measured, 2,
	    kept " of " rounds[name] (all == "" ? "" : sprintf("; all: %.2f", all)))
}

FILENAME == ARGV[1] && !/^#/ && NF == 5 {
	gates[++gate_count] = $0
}

FILENAME == ARGV[2] {
	sc = text("sc")
	r = number("rep")
	proxy = text("proxy")
	value[sc, proxy, r, "CPU"] = number("cpu_us")
	value[sc, proxy, r, "p50"] = number("p50")
	quiet[sc, proxy, r] = number("foreign1") <= 0.10 * number("s")
	if (r >= rounds[sc])
		rounds[sc] = r + 1
}

FILENAME == ARGV[3] && /^meshtop / {
	for (i = 0; match($0, /"rss": [0-9]+/); i++) {
		idle_rss[i] = substr($0, RSTART + 7, RLENGTH - 7)
		$0 = substr($0, RSTART + RLENGTH)
	}
}

function judge_beside_b(name, what, gate, aim,    own, b) {
	own = typical(name, "meshtop", what)
	b = typical("b", "meshtop", what)
	row(name, what, "own b", gate, aim, own != "" && b != "" ? own / b : "", 2, "")
}

function judge_idle(what, gate, aim,    measured) {
	measured = idle_rss[0]
	if (what == "bytes")
		measured = (idle_rss[2] - idle_rss[0]) * 1024 / 9900
	row("idle", what, "-", gate, aim, measured, 0, "")
}

END {
	print "| scenario | of | beside | gate | aim | measured | quiet rounds | verdict |"
	print "| --- | --- | --- | --- | --- | --- | --- | --- |"
	for (g = 1; g <= gate_count; g++) {
		split(gates[g], f)
		if (f[1] == "idle" && (2 in idle_rss))
			judge_idle(f[2], f[4], f[5])
		else if (f[3] == "own-b" && (f[1] in rounds) && ("b" in rounds))
			judge_beside_b(f[1], f[2], f[4], f[5])
		else if (f[3] != "own-b" && (f[1] in rounds))
			judge(f[1], f[2], f[3], f[4], f[5])
	}
}
