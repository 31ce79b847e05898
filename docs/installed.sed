# SPDX-License-Identifier: BSD-2-Clause
# Links of a page, for a folder where all pages stand beside each other.
s,](\(\.\./\)*docs/,](,g
s,](\.\./[a-z-]*/\([a-z-]*\.md\),](\1,g
s,](\(\.\./\)*plugins/[a-z-]*/\([a-z-]*\.md\),](\2,g
s,](\(\.\./\)*filterd/README\.md,](architecture.md,g
s,](\(\.\./\)*README\.md,](README.md,g
s,](\.\./examples/,](examples/,g
# What is in the sources alone is named, and leads nowhere.
s,\[\([^]]*\)](\(\.\./\)*\(COPYING\|tests/[^)]*\)),\1,g
