/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_CLEANUP_H
#define BHLINT_STANDIN_CLEANUP_H

#include <linux/compiler.h>
#include <linux/types.h>

/* A variable declared with __free(name) runs the body of DEFINE_FREE(name, ...) when it goes out of scope. */
#define DEFINE_FREE(_name, _type, _free) \
	static inline void __free_##_name(void *p) { _type _T = *(_type *)p; _free; }
#define __free(_name) __cleanup(__free_##_name)

#define __get_and_null(p, nullvalue)			\
({							\
	__auto_type __where = &(p);			\
	__auto_type __what = *__where;			\
	*__where = nullvalue;				\
	__what;						\
})
#define no_free_ptr(p) ((typeof(p))__get_and_null(p, NULL))
#define return_ptr(p) return no_free_ptr(p)

#define DEFINE_CLASS(_name, _type, _exit, _init, _init_args...)		\
	typedef _type class_##_name##_t;				\
	static inline void class_##_name##_destructor(_type *p)		\
	{								\
		_type _T = *p;						\
		_exit;							\
	}								\
	static inline _type class_##_name##_constructor(_init_args)	\
	{								\
		_type t = _init;					\
		return t;						\
	}

#define CLASS(_name, var)						\
	class_##_name##_t var __cleanup(class_##_name##_destructor) =	\
		class_##_name##_constructor

#define DEFINE_GUARD(_name, _type, _lock, _unlock)			\
	static __maybe_unused const bool class_##_name##_is_conditional = false; \
	DEFINE_CLASS(_name, _type, if (_T) { _unlock; }, ({ _lock; _T; }), _type _T) \
	static inline void *class_##_name##_lock_ptr(class_##_name##_t *_T) \
	{								\
		return *_T;						\
	}

#define EXTEND_CLASS(_name, ext, _init, _init_args...)			\
	typedef class_##_name##_t class_##_name##ext##_t;		\
	static inline void class_##_name##ext##_destructor(class_##_name##_t *p) \
	{								\
		class_##_name##_destructor(p);				\
	}								\
	static inline class_##_name##_t class_##_name##ext##_constructor(_init_args) \
	{								\
		class_##_name##_t t = _init;				\
		return t;						\
	}

#define DEFINE_GUARD_COND(_name, _ext, _condlock)			\
	static __maybe_unused const bool class_##_name##_ext##_is_conditional = true; \
	EXTEND_CLASS(_name, _ext,					\
		     ({ void *_t = _T; if (_T && !(_condlock)) _t = NULL; _t; }), \
		     class_##_name##_t _T)				\
	static inline void *class_##_name##_ext##_lock_ptr(class_##_name##_t *_T) \
	{								\
		return class_##_name##_lock_ptr(_T);			\
	}

#define DEFINE_LOCK_GUARD_1(_name, _type, _lock, _unlock, ...)		\
	static __maybe_unused const bool class_##_name##_is_conditional = false; \
	typedef struct {						\
		_type *lock;						\
		__VA_ARGS__;						\
	} class_##_name##_t;						\
	static inline void class_##_name##_destructor(class_##_name##_t *_T) \
	{								\
		if (_T->lock) {						\
			_unlock;					\
		}							\
	}								\
	static inline void *class_##_name##_lock_ptr(class_##_name##_t *_T) \
	{								\
		return _T->lock;					\
	}								\
	static inline class_##_name##_t class_##_name##_constructor(_type *l) \
	{								\
		class_##_name##_t _t = { .lock = l }, *_T = &_t;	\
		_lock;							\
		return _t;						\
	}

#define DEFINE_LOCK_GUARD_0(_name, _lock, _unlock, ...)			\
	static __maybe_unused const bool class_##_name##_is_conditional = false; \
	typedef struct {						\
		void *lock;						\
		__VA_ARGS__;						\
	} class_##_name##_t;						\
	static inline void class_##_name##_destructor(class_##_name##_t *_T) \
	{								\
		if (_T->lock) {						\
			_unlock;					\
		}							\
	}								\
	static inline void *class_##_name##_lock_ptr(class_##_name##_t *_T) \
	{								\
		return _T->lock;					\
	}								\
	static inline class_##_name##_t class_##_name##_constructor(void) \
	{								\
		class_##_name##_t _t = { .lock = (void *)1 }, *_T __maybe_unused = &_t; \
		_lock;							\
		return _t;						\
	}

#define guard(_name) CLASS(_name, __UNIQUE_ID(guard))
#define __guard_ptr(_name) class_##_name##_lock_ptr
#define __is_cond_ptr(_name) class_##_name##_is_conditional

#define __scoped_guard(_name, _label, args...)				\
	for (CLASS(_name, scope)(args);					\
	     __guard_ptr(_name)(&scope) || !__is_cond_ptr(_name);	\
	     ({ goto _label; }))					\
		if (0) {						\
_label:									\
			break;						\
		} else
#define scoped_guard(_name, args...) __scoped_guard(_name, __UNIQUE_ID(label), args)

#define __scoped_cond_guard(_name, _fail, _label, args...)		\
	for (CLASS(_name, scope)(args); true; ({ goto _label; }))	\
		if (!__guard_ptr(_name)(&scope)) {			\
			_fail;						\
_label:									\
			break;						\
		} else
#define scoped_cond_guard(_name, _fail, args...) __scoped_cond_guard(_name, _fail, __UNIQUE_ID(label), args)

#endif
