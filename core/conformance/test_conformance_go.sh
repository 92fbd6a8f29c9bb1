#!/bin/sh
# The same rules written in Go, as go/ has them, do the same, if there is a Go of 1.23 or newer. They
# run on the clock of the program (-tags faketime), so that none depends on how fast the machine is.
set -u
conformance=$UNSTUCK_BUILD/tests/programs/conformance
sources=$UNSTUCK_SRC/core/conformance/go

go_is_new_enough() {
    case $("$1" env GOVERSION 2>/dev/null) in
    go1.2[3-9]* | go1.[3-9][0-9]* | go[2-9]*) true ;;
    *) false ;;
    esac
}

for go in go /usr/lib/go-*/bin/go /usr/local/go/bin/go none; do
    GOTOOLCHAIN=local go_is_new_enough "$go" && break
done
if [ "$go" = none ]; then
    echo '1..0 # SKIP unavailable: no Go of 1.23 or newer (Debian 12: golang-1.23-go of bookworm-backports)'
    exit 0
fi
go() {
    env GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off GOSUMDB=off GOWORK=off \
        GOPATH="$TMPDIR/gopath" GOCACHE="$UNSTUCK_BUILD/go-cache" "$go" "$@"
}

# build NAME OPTIONS...
build() {
    program=$TMPDIR/$1
    shift
    (cd "$sources" && go build -modfile "$TMPDIR/go.mod" "$@" -o "$program" .) >"$TMPDIR/log" 2>&1
}

cannot_build() {
    echo 'Bail out! the rules cannot be built'
    sed 's/^/# /' "$TMPDIR/log"
    exit 1
}

# golang.org/x/sync is no part of Go; Debian has it as sources (golang-golang-x-sync-dev).
cp "$sources/go.mod" "$TMPDIR/go.mod"
x_sync=/usr/share/gocode/src/golang.org/x/sync
if [ -d $x_sync/errgroup ]; then
    printf 'require golang.org/x/sync v0.1.0\nreplace golang.org/x/sync => %s\n' $x_sync >>"$TMPDIR/go.mod"
    with=x_sync
else
    with=
fi

build rules -tags "faketime,$with" || cannot_build
# A race is told when it is seen; the second that its detector waits at each end is for nobody.
export GORACE='atexit_sleep_ms=20'
build racing -race -tags "$with" || rm -f "$TMPDIR/racing"
"$conformance" --go "$TMPDIR/rules" "$TMPDIR/racing" $with
