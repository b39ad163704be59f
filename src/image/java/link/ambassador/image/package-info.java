/**
 * What runs while the image is built: {@link link.ambassador.image.Training} starts each role as the image will, gives it
 * work, and leaves the AOT cache of what it loaded (https://openjdk.org/jeps/514).
 *
 * <p>Of the JDK alone, and of nothing of ours: the class files are run by the base image's Java beside the roles.
 */
package link.ambassador.image;
