# Varnish in front of Feedserver. Copy it to /etc/varnish/default.vcl and change the lines that say ADAPT; docs/hosting.md
# says when it is worth it. For Varnish 6.0 or later; tests/test_proxies.py runs this very file, with 7.1.
#
# What Varnish does by itself needs no line here: it heeds max-age, asks the app by ETag whether anything changed, answers
# clients 304, sets X-Forwarded-For, and keeps one form of each feed, with gzip, which it unpacks for those who can't.

vcl 4.1;

import std;

backend feedserver {
    .host = "127.0.0.1";  # ADAPT: where the app listens
    .port = "8000";  # ADAPT
    .connect_timeout = 2s;
    .first_byte_timeout = 10s;  # a query takes milliseconds; an app that hangs counts as down
    .probe = {
        .url = "/feed.json?limit=1";  # answered from memory, unless there is something new
        .interval = 1s;
        .timeout = 1s;
        .window = 2;
        .threshold = 1;
    }
}

sub vcl_recv {
    # The app believes these where its setting server.trusted_proxies is 1. All of them are set here, or a client could set
    # them, and everybody would get from the cache what was made for it.
    set req.http.X-Forwarded-Host = req.http.Host;
    set req.http.X-Forwarded-Proto = "http";  # ADAPT: "https" behind something that ends TLS
    unset req.http.X-Forwarded-Prefix;

    # The app sets no cookies; those of its neighbours must not keep its answers out of the cache.
    unset req.http.Cookie;
}

sub vcl_backend_response {
    # Not even a mark of an error may take the place of the last good answer.
    if (beresp.status >= 500) {
        return (abandon);
    }
    # What says nothing about caching, such as a page, is not cached.
    if (!beresp.http.Cache-Control) {
        set beresp.ttl = 0s;
    }
    # Keep an answer for as long as it may be used in an emergency; vcl_hit sees to it that it is not used before.
    if (beresp.ttl > 0s) {
        set beresp.grace = std.duration(regsub(beresp.http.Cache-Control, "^.*stale-if-error=([0-9]+).*$", "\1s"), 1d);
    }
}

sub vcl_backend_error {
    return (abandon);
}

sub vcl_hit {
    # Past max-age and stale-while-revalidate, ask the app first, as long as it is well.
    if (req.restarts == 0 && std.healthy(req.backend_hint) && obj.ttl < 0s - std.duration(
        regsub(obj.http.Cache-Control, "^.*stale-while-revalidate=([0-9]+).*$", "\1s"), 0s)) {
        set req.grace = 0s;
        return (restart);
    }
}

sub vcl_synth {
    # The app was asked and failed: now the last good answer will do.
    if (resp.status == 503 && req.restarts == 1) {
        set req.grace = 1y;
        return (restart);
    }
}
