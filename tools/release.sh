#!/usr/bin/env bash
# Tags a release: the root first, then the modules that require it. "go install" refuses a program whose go.mod has a
# replace, so cmd/imbot is tagged in a commit of its own, in which that line is gone.
#
#   tools/release.sh              says what it would do
#   tools/release.sh --tag        makes the tags here, and pushes nothing
#   tools/release.sh --proxy DIR  writes what is tagged into a folder, as a Go module proxy has it
set -euo pipefail
cd "$(dirname "$0")/.."

module=github.com/seed-a6e4e5a4/imbot
libraries=(redisstore sqlstore eventqueue otelimbot content/markdown)
program=cmd/imbot
version=$(sed -n 's/^const Version = "\(.*\)"$/\1/p' internal/version/version.go)
export GOWORK=off

die() {
	printf 'release: %s\n' "$*" >&2
	exit 1
}

scratch=$(mktemp -d)
finish() {
	git worktree remove --force "$scratch/program" >/dev/null 2>&1 || true
	chmod -R u+w "$scratch"
	rm -rf "$scratch"
}
trap finish EXIT

# check says what is missing for a release.
check() {
	[[ -n $version ]] || die "internal/version has no version"
	[[ -z $(git status --porcelain) ]] || die "the tree has changes that are not committed"
	grep -q "^## \[$version\] - " CHANGELOG.md || die "CHANGELOG.md has no section for $version"
	[[ -f api/$version.txt ]] || die "api/$version.txt is missing: run make api"
	local folder
	for folder in "${libraries[@]}" "$program"; do
		grep -q "	$module v$version\$" "$folder/go.mod" || die "$folder/go.mod does not require $module v$version"
	done
	for folder in "" "${libraries[@]/%//}" "$program/"; do
		if git rev-parse -q --verify "refs/tags/${folder}v$version" >/dev/null; then
			die "there is a tag ${folder}v$version already"
		fi
	done
}

# put FOLDER COMMIT PROXY writes a module as a proxy has it. Modules inside of it are not part of it.
put() {
	local folder=$1 commit=$2 proxy=$3 name=$module tree=$2: nested=() inside
	if [[ $folder != . ]]; then
		name=$module/$folder tree=$commit:$folder/
	fi
	local at=$proxy/$name/@v
	while read -r inside; do
		inside=$(dirname "$inside")
		[[ $inside == . ]] || nested+=(":(exclude,top)$inside")
	done < <(git ls-tree -r --name-only "$tree" | grep -E '(^|/)go\.mod$')
	mkdir -p "$at"
	printf 'v%s\n' "$version" >"$at/list"
	git show "${tree}go.mod" >"$at/v$version.mod"
	printf '{"Version":"v%s","Time":"%s"}\n' "$version" "$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd "$commit")" >"$at/v$version.info"
	git archive --format=zip --prefix="$name@v$version/" -o "$at/v$version.zip" "${tree%/}" . "${nested[@]}"
}

# drop_replace makes the commit in which the program can be installed, and prints it. Its go.sum has the hash of the
# root, which nobody can download yet: it comes from a proxy made of this tree.
drop_replace() {
	local proxy=$scratch/proxy
	put . HEAD "$proxy"
	git worktree add --quiet --detach "$scratch/program" HEAD
	(
		cd "$scratch/program/$program"
		go mod edit -dropreplace="$module"
		GOPROXY="file://$proxy,file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)" GOMODCACHE="$scratch/modules" \
			GONOSUMDB="$module" GOFLAGS='-mod=mod -modcacherw' go mod tidy
		git commit --quiet -m "Release cmd/imbot v$version" -m "It requires the released module instead of the one beside it." -- go.mod go.sum
		git rev-parse HEAD
	)
}

mode=${1:-}
case $mode in
'' | --tag)
	check
	commit=$(drop_replace)
	git show --stat --format='%h %s' "$commit"
	for folder in "" "${libraries[@]/%//}"; do
		printf 'tag %sv%s at %s\n' "$folder" "$version" "$(git rev-parse --short HEAD)"
		[[ -z $mode ]] || git tag "${folder}v$version" HEAD
	done
	printf 'tag %s/v%s at %s\n' "$program" "$version" "$(git rev-parse --short "$commit")"
	if [[ -z $mode ]]; then
		echo "This was a rehearsal: --tag makes the tags."
		exit
	fi
	git tag "$program/v$version" "$commit"
	printf '\nPush the root first, and the program last:\n\n  git push origin v%s\n  git push origin%s\n  git push origin %s/v%s\n' \
		"$version" "$(printf " %s/v$version" "${libraries[@]}")" "$program" "$version"
	;;
--proxy)
	[[ -n ${2:-} ]] || die "want a folder"
	proxy=$(mkdir -p "$2" && cd "$2" && pwd)
	put . "v$version" "$proxy"
	for folder in "${libraries[@]}" "$program"; do
		put "$folder" "$folder/v$version" "$proxy"
	done
	;;
*) die "no such flag: $mode" ;;
esac
