/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of defects. They stand in configurations: a name never changes. */
#include <stddef.h>

#include "filterd/message/mime_defect.h"

static const char *const names[] = {
	[MIME_BOUNDARY_MISSING] = "boundary-missing",
	[MIME_BOUNDARY_REPEATED] = "boundary-repeated",
	[MIME_BOUNDARY_UNUSED] = "boundary-unused",
	[MIME_BOUNDARY_UNCLOSED] = "boundary-unclosed",
	[MIME_BOUNDARY_AMBIGUOUS] = "boundary-ambiguous",
	[MIME_BOUNDARY_SYNTAX] = "boundary-syntax",
	[MIME_AFTER_CLOSE] = "after-close",
	[MIME_UNDECLARED_PARTS] = "undeclared-parts",
	[MIME_TYPE_REPEATED] = "type-repeated",
	[MIME_TYPE_SYNTAX] = "type-syntax",
	[MIME_ENCODING_REPEATED] = "encoding-repeated",
	[MIME_ENCODING_SYNTAX] = "encoding-syntax",
	[MIME_ENCODING_UNKNOWN] = "encoding-unknown",
	[MIME_ENCODING_COMPOSITE] = "encoding-composite",
	[MIME_DISPOSITION_REPEATED] = "disposition-repeated",
	[MIME_PARAMETER_SYNTAX] = "parameter-syntax",
	[MIME_PARAMETER_REPEATED] = "parameter-repeated",
	[MIME_PARAMETER_ENCODED_WORD] = "parameter-encoded-word",
	[MIME_PARAMETER_SECTIONS] = "parameter-sections",
	[MIME_NAMES_CONFLICT] = "names-conflict",
	[MIME_COMMENT] = "comment",
	[MIME_HEADER_SYNTAX] = "header-syntax",
	[MIME_HEADER_UNTERMINATED] = "header-unterminated",
	[MIME_HEADER_BLANK] = "header-blank",
	[MIME_HEADER_8BIT] = "header-8bit",
	[MIME_HEADER_TOO_LARGE] = "header-too-large",
	[MIME_8BIT] = "8bit",
	[MIME_NUL] = "nul",
	[MIME_BARE_CR] = "bare-cr",
	[MIME_BARE_LF] = "bare-lf",
	[MIME_LONG_LINE] = "long-line",
	[MIME_BASE64_INVALID] = "base64-invalid",
	[MIME_BASE64_PADDING] = "base64-padding",
	[MIME_QP_INVALID] = "qp-invalid",
	[MIME_UUENCODE_INVALID] = "uuencode-invalid",
	[MIME_UUENCODE_INLINE] = "uuencode-inline",
	[MIME_CHARSET_UNKNOWN] = "charset-unknown",
	[MIME_CHARSET_INVALID] = "charset-invalid",
	[MIME_TOO_MANY_PARTS] = "too-many-parts",
	[MIME_TOO_DEEP] = "too-deep",
	[MIME_TOO_MANY_NAMES] = "too-many-names",
	[MIME_TEXT_CUT] = "text-cut",
	[MIME_OPAQUE] = "opaque",
};

const char *
mime_defect_name(unsigned defect)
{
	return defect < MIME_DEFECT_COUNT ? names[defect] : NULL;
}
