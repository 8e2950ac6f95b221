// A program with known calls, for the recorder's test: known_calls DIR
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <string>

namespace {

void Must(bool ok) {
  if (!ok) _exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string dir = argv[1];
  const auto in_dir = [&dir](const char* name) { return dir + "/" + name; };
  const int a = open(in_dir("a b").c_str(), O_RDWR | O_CREAT, 0644);
  Must(write(a, "one", 3) == 3 && write(a, "two", 3) == 3);
  Must(pwrite(a, "\n", 1, 2) == 1);
  iovec parts[2] = {{const_cast<char*>("th"), 2}, {const_cast<char*>("ree"), 3}};
  Must(writev(a, parts, 2) == 5);
  Must(fdatasync(a) == 0 && ftruncate(a, 8) == 0 && fsync(a) == 0 && close(a) == 0);
  const int again = open(in_dir("a b").c_str(), O_WRONLY | O_APPEND);
  Must(write(again, "end", 3) == 3 && close(again) == 0);
  Must(rename(in_dir("a b").c_str(), in_dir("b").c_str()) == 0);
  Must(link(in_dir("b").c_str(), in_dir("c").c_str()) == 0);
  const int d = open(dir.c_str(), O_RDONLY | O_DIRECTORY);
  Must(fsync(d) == 0 && close(d) == 0);
  Must(mkdir(in_dir("sub").c_str(), 0755) == 0 && rmdir(in_dir("sub").c_str()) == 0);
  Must(unlink(in_dir("c").c_str()) == 0 && unlink(in_dir("not there").c_str()) != 0);
  const int e = creat(in_dir("b").c_str(), 0644);
  Must(posix_fallocate(e, 0, 4) == 0 && fallocate(e, FALLOC_FL_KEEP_SIZE, 0, 100) == 0);
  Must(close(e) == 0);
  const int f = open64(in_dir("f").c_str(), O_RDWR | O_CREAT, 0644);
  Must(pwrite64(f, "x", 1, 1) == 1 && ftruncate64(f, 1) == 0 && fallocate64(f, 0, 0, 2) == 0);
  Must(close(f) == 0 && remove(in_dir("f").c_str()) == 0);
  const int outside = open("/dev/null", O_WRONLY);
  Must(write(outside, "x", 1) == 1 && close(outside) == 0);
  const int log = open(in_dir("LOG").c_str(), O_WRONLY | O_CREAT, 0644);
  FILE* const stream = fdopen(log, "w");
  Must(fputs("not recorded", stream) > 0 && fclose(stream) == 0);
}
