// What boots the kernel is among the units: so they are all that there is.
#include <linux/init.h>

void __init start_kernel(void)
{
}
