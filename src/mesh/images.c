/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of the platform's programs a container image names.
 */
#include "src/mesh/images.h"

#include <stddef.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/slice.h"

static const struct {
	enum image_app app;
	const char *repository;
} images[] = {
#define IMAGE(id, repository) { IMAGE_##id, repository },
#include "src/mesh/images.tbl"
#undef IMAGE
};

/* "quay.io/kiali/demo:v1@sha256:..." without tag and digest. */
static struct slice
without_tag(struct slice image)
{
	const char *at = memchr(image.ptr, '@', image.len);

	if (at != NULL)
		image.len = (size_t)(at - image.ptr);
	for (size_t i = image.len; i > 0 && image.ptr[i - 1] != '/'; i--)
		if (image.ptr[i - 1] == ':')
			image.len = i - 1;
	return image;
}

enum image_app
image_lookup(const char *image)
{
	struct slice name;

	if (image == NULL)
		return IMAGE_UNKNOWN;
	name = without_tag(slice_of(image));
	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		struct slice want = slice_of(images[i].repository);

		if (!slice_ends(name, want))
			continue;
		if (name.len == want.len || name.ptr[name.len - want.len - 1] == '/')
			return images[i].app;
	}
	return IMAGE_UNKNOWN;
}
