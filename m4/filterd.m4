# SPDX-License-Identifier: BSD-2-Clause
# Macros of this project's configure.ac: flags that are used only where the compiler takes them,
# and libraries whose absence ends configure with the name of the Debian package.

# FILTERD_REQUIRE(VARIABLE, PKG-CONFIG MODULE AND VERSION, DEBIAN PACKAGE)
# Sets VARIABLE_CFLAGS and VARIABLE_LIBS.
AC_DEFUN([FILTERD_REQUIRE], [
	PKG_CHECK_MODULES([$1], [$2], [],
	    [AC_MSG_ERROR([$2 is required (Debian package $3): $[$1]_PKG_ERRORS])])
])

# FILTERD_COMPILE_FLAG(VARIABLE, FLAG)
# Appends FLAG to VARIABLE when the C compiler takes it without a warning.
AC_DEFUN([FILTERD_COMPILE_FLAG], [
	AS_VAR_PUSHDEF([cached], [filterd_cv_compile_$2])
	AC_CACHE_CHECK([whether $CC takes $2], [cached], [
		filterd_saved_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
		    [AS_VAR_SET([cached], [yes])], [AS_VAR_SET([cached], [no])])
		CFLAGS=$filterd_saved_CFLAGS
	])
	AS_VAR_IF([cached], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([cached])
])

# FILTERD_LINK_FLAG(VARIABLE, FLAG, [EXTRA FLAGS OF THE TRIAL])
# Appends FLAG to VARIABLE when a program compiles and links with it.
AC_DEFUN([FILTERD_LINK_FLAG], [
	AS_VAR_PUSHDEF([cached], [filterd_cv_link_$2])
	AC_CACHE_CHECK([whether $CC links with $2], [cached], [
		filterd_saved_CFLAGS=$CFLAGS
		filterd_saved_LDFLAGS=$LDFLAGS
		CFLAGS="$CFLAGS -Werror $3"
		LDFLAGS="$LDFLAGS $2"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
		    [AS_VAR_SET([cached], [yes])], [AS_VAR_SET([cached], [no])])
		CFLAGS=$filterd_saved_CFLAGS
		LDFLAGS=$filterd_saved_LDFLAGS
	])
	AS_VAR_IF([cached], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([cached])
])

# FILTERD_FORTIFY(VARIABLE)
# Appends -D_FORTIFY_SOURCE=2 to VARIABLE when CFLAGS optimise; glibc warns about it otherwise.
AC_DEFUN([FILTERD_FORTIFY], [
	AC_MSG_CHECKING([whether to fortify the C library's calls])
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#ifndef __OPTIMIZE__
#error "not optimised"
#endif
]], [[]])],
	    [AC_MSG_RESULT([yes])
	     AS_VAR_APPEND([$1], [" -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])],
	    [AC_MSG_RESULT([no, not optimised])])
])
