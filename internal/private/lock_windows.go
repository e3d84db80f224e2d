package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// fileFlagDeleteOnClose is FILE_FLAG_DELETE_ON_CLOSE of CreateFile.
const fileFlagDeleteOnClose = 0x04000000

// tryLock locks a file if that is free. The result is nil if it is not.
//
// The lock is a file that is open for writing and that nobody else may open for writing.
// The system removes it when it is closed, and closes it when the process ends. Unlike
// with LockFileEx, those who wait never have the file open, so that none of them keeps it
// from being removed.
func tryLock(root *os.Root, dir, name string) (*os.File, error) {
	path := filepath.Join(dir, name)
	// What stands there is removed with the lock, so look before.
	before, err := root.Lstat(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && !before.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file: remove it", path)
	}
	pathUTF16, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	handle, err := syscall.CreateFile(pathUTF16, syscall.GENERIC_READ|syscall.GENERIC_WRITE,
		syscall.FILE_SHARE_READ|syscall.FILE_SHARE_DELETE, nil, syscall.OPEN_ALWAYS,
		syscall.FILE_ATTRIBUTE_NORMAL|syscall.FILE_FLAG_OPEN_REPARSE_POINT|fileFlagDeleteOnClose, 0)
	if errors.Is(err, errorSharingViolation) {
		return nil, nil
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	file := os.NewFile(uintptr(handle), path)
	// The directory may have been replaced since it was opened.
	if !isNamed(root, name, file) {
		file.Close()
		return nil, nil
	}
	return file, nil
}

// unlock closes the file, which removes it.
func unlock(_ *os.Root, _ string, file *os.File) { file.Close() }
