/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Container images that the embedded platform can run (images.tbl): their
 * Deployments have pods, others stay without.
 */
#ifndef MESHTOP_MESH_IMAGES_H
#define MESHTOP_MESH_IMAGES_H

enum image_app {
	IMAGE_UNKNOWN,
#define IMAGE(id, repository) IMAGE_##id,
#include "src/mesh/images.tbl"
#undef IMAGE
};

/* By repository name, whatever registry host and tag stand around it. */
enum image_app image_lookup(const char *image);

#endif
